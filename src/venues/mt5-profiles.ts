/** What is known beforehand of a broker's MT5 set-up: how it names symbols, which clock its server shows. */
import type { ServerClock } from './mt5-server-clock.ts';

export const PROFILE_NAMES = ['exness', 'icmarkets', 'ftmo', 'pepperstone'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export interface Mt5Profile {
  /** Put behind every symbol, behind an alias too. */
  readonly suffix: string;
  /** Our name of a symbol to the broker's, before the suffix. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Marks our orders. */
  readonly magic: number;
  readonly clock: ServerClock;
  /** Where its gateway listens by default. */
  readonly port: number;
}

export const PROFILES: Readonly<Record<ProfileName, Mt5Profile>> = {
  exness: {
    suffix: 'm',
    aliases: { NAS100: 'USTEC', US500: 'US500', US30: 'US30', UKOIL: 'XBRUSD', NGAS: 'XNGUSD' },
    magic: 10_001,
    clock: 'utc',
    port: 5001,
  },
  icmarkets: { suffix: '.raw', aliases: {}, magic: 10_002, clock: 'newYorkClose', port: 5002 },
  ftmo: { suffix: '', aliases: {}, magic: 10_003, clock: 'newYorkClose', port: 5003 },
  pepperstone: { suffix: '.cmd', aliases: {}, magic: 10_004, clock: 'newYorkClose', port: 5004 },
};

/** `XAUUSD` as the broker calls it. */
export const brokerSymbol = (profile: Pick<Mt5Profile, 'suffix' | 'aliases'>, symbol: string): string =>
  `${Object.hasOwn(profile.aliases, symbol) ? profile.aliases[symbol] : symbol}${profile.suffix}`;

/**
 * What we call the broker's `XAUUSDm`: the other way round of {@link brokerSymbol}. Undefined for a
 * name without the broker's suffix.
 */
export function ourSymbol(
  { suffix, aliases }: Pick<Mt5Profile, 'suffix' | 'aliases'>,
  name: string,
): string | undefined {
  if (!name.endsWith(suffix) || name.length === suffix.length) return undefined;
  const bare = name.slice(0, name.length - suffix.length);
  const [alias] = Object.entries(aliases).find(([, theirs]) => theirs === bare) ?? [];
  return alias ?? (Object.hasOwn(aliases, bare) ? undefined : bare);
}
