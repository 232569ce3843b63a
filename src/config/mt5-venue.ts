/** The configuration of an MT5 venue: what may be said of it, what its broker's profile says, and what comes of both. */
import { Type, type Static } from 'typebox';
import { DEFAULT_POLICIES, RECONCILE_POLICIES, type ReconcilePolicies } from '../domain/differences.ts';
import { PROFILE_NAMES, PROFILES, type Mt5Profile, type ProfileName } from '../venues/mt5-profiles.ts';
import type { ServerClock } from '../venues/mt5-server-clock.ts';
import { integer, list, named, section, SYMBOL, text, words } from './schema-parts.ts';

const CLOCK = 'utc, newYorkClose, or hours ahead of UTC from -14 to 14';
const serverClock = () =>
  Type.Unsafe<'utc' | 'newYorkClose' | number>({
    anyOf: [
      { enum: ['utc', 'newYorkClose'], expect: CLOCK },
      { type: 'number', minimum: -14, maximum: 14, expect: CLOCK },
    ],
  });
const policy = () => Type.Optional(words(...RECONCILE_POLICIES));
const LARGEST_MAGIC = 2 ** 32 - 1;

export const Mt5VenueSchema = section({
  type: Type.Literal('mt5'),
  profile: Type.Optional(words(...PROFILE_NAMES)),
  gatewayUrl: Type.Optional(text('an http or https URL', 'http-url')),
  apiKey: Type.Optional(Type.String({ expect: 'text' })),
  suffix: Type.Optional(Type.String({ expect: 'text' })),
  aliases: Type.Optional(named(SYMBOL, 'a symbol', text("the broker's name of a symbol, without the suffix"))),
  magic: Type.Optional(integer(1, LARGEST_MAGIC)),
  clock: Type.Optional(serverClock()),
  pollMs: Type.Optional(integer(100, 60_000)),
  deviation: Type.Optional(integer(0, 1000)),
  expect: Type.Optional(
    section({
      login: Type.Optional(integer(1, Number.MAX_SAFE_INTEGER)),
      server: Type.Optional(text('the name of a trade server')),
      tradeMode: Type.Optional(words('demo', 'contest', 'real')),
      currency: Type.Optional(text('a currency')),
      leverage: Type.Optional(integer(1, 100_000)),
    }),
  ),
  reconcile: Type.Optional(
    section({
      position: policy(),
      protectionMissing: policy(),
      protectionMoved: policy(),
      foreign: policy(),
    }),
  ),
  maintenance: Type.Optional(
    list(
      section({
        zone: text('a time zone such as Europe/Athens', 'zone'),
        from: text('a time such as 23:55, or "Sat 22:00"', 'sessionTime'),
        to: text('a time such as 23:59, or "Sat 23:00"', 'sessionTime'),
      }),
    ),
  ),
});

type RawMt5Venue = Static<typeof Mt5VenueSchema>;

/** When the gateway may be away without anybody being told: `from` and `to` as open and close of a session. */
export interface MaintenanceWindow {
  readonly zone: string;
  readonly from: string;
  readonly to: string;
}

/** What the account must be; what is absent may be anything. */
export type AccountExpectations = Readonly<NonNullable<RawMt5Venue['expect']>>;

export interface Mt5VenueConfig {
  readonly type: 'mt5';
  readonly name: string;
  /** Undefined: a broker that there is no profile of. */
  readonly profile: ProfileName | undefined;
  readonly gatewayUrl: string;
  readonly apiKey?: string;
  readonly suffix: string;
  /** Our name of a symbol to the broker's, before the suffix. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Marks our orders; no other venue has it. */
  readonly magic: number;
  /** What the server's clock is thought to show until its quotes say. */
  readonly clock: ServerClock;
  readonly pollMs: number;
  /** Slippage that a market order may have, in points. */
  readonly deviation: number;
  readonly expect: AccountExpectations;
  readonly reconcile: ReconcilePolicies;
  readonly maintenance: readonly MaintenanceWindow[];
}

/** A broker that nothing is known of beforehand. */
const NO_PROFILE: Mt5Profile = { suffix: '', aliases: {}, magic: 10_000, clock: 'utc', port: 5001 };

const profileNamed = (name: string | undefined): ProfileName | undefined => PROFILE_NAMES.find((one) => one === name);

/** What a venue stands on: its broker's profile, named or by the venue's own name, and our defaults. */
export function mt5Defaults(name: string, venue: Readonly<Record<string, unknown>>) {
  const profile = profileNamed(typeof venue['profile'] === 'string' ? venue['profile'] : name);
  const { suffix, aliases, magic, clock, port } = profile === undefined ? NO_PROFILE : PROFILES[profile];
  return {
    ...(profile !== undefined && { profile }),
    gatewayUrl: `http://127.0.0.1:${port}`,
    suffix,
    aliases: { ...aliases },
    magic,
    clock: typeof clock === 'object' ? clock.hours : clock,
    pollMs: 1000,
    deviation: 20,
    reconcile: { ...DEFAULT_POLICIES },
  };
}

/** Of a venue that stands on {@link mt5Defaults}. */
export function decodeMt5Venue(raw: RawMt5Venue, name: string, report: (at: string, detail: string) => void) {
  const { profile, gatewayUrl, apiKey, suffix, aliases, magic, clock, pollMs, deviation, expect, reconcile } = raw;
  const maintenance = raw.maintenance ?? [];
  for (const [index, { from, to }] of maintenance.entries())
    if (from.includes(' ') !== to.includes(' '))
      report(`/maintenance/${index}/to`, '"from" and "to" must both name a weekday, or neither');
  const venue: Mt5VenueConfig = {
    type: 'mt5',
    name,
    profile,
    gatewayUrl: gatewayUrl!,
    // An empty key is what `${KEY:-}` leaves: the gateway is open.
    ...(apiKey !== undefined && apiKey !== '' && { apiKey }),
    suffix: suffix!,
    aliases: aliases!,
    magic: magic!,
    clock: typeof clock === 'number' ? { hours: clock } : clock!,
    pollMs: pollMs!,
    deviation: deviation!,
    expect: expect ?? {},
    reconcile: { ...DEFAULT_POLICIES, ...reconcile },
    maintenance,
  };
  return venue;
}

/** Tells of venues that are one account twice, and of an account that the book could never be in. */
export function checkGateways(
  venues: readonly Mt5VenueConfig[],
  currency: string,
  report: (name: string, member: string, detail: string) => void,
): void {
  const owners = new Map<string, string>();
  for (const { name, gatewayUrl, expect } of venues) {
    const { href } = new URL(gatewayUrl);
    const owner = owners.get(href);
    if (owner === undefined) owners.set(href, name);
    else report(name, 'gatewayUrl', `"${owner}" and "${name}" have the same gateway: it is one account, and one venue`);
    if (expect.currency !== undefined && expect.currency !== currency)
      report(name, 'expect/currency', `the account would be in ${expect.currency}, the book is in ${currency}`);
  }
}

/** Tells of venues whose orders could not be told apart. */
export function checkMagics(venues: Iterable<Mt5VenueConfig>, report: (name: string, detail: string) => void): void {
  const owners = new Map<number, string>();
  for (const { name, magic } of venues) {
    const owner = owners.get(magic);
    if (owner === undefined) owners.set(magic, name);
    else report(name, `"${owner}" and "${name}" have the same magic, ${magic}: give one of them a number of its own`);
  }
}
