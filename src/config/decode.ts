/** The merged tree as the typed configuration, with what only the whole can tell: names that must exist, bounds between values. */
import { resolve } from 'node:path';
import { dec, type Decimal, type DecimalLike } from '../domain/decimal.ts';
import { ALWAYS_OPEN, type Instrument } from '../domain/market.ts';
import { parseDuration } from '../domain/time.ts';
import { decodeAlerts, decodeChanges } from './decode-alerts.ts';
import { checkGateways, checkMagics, decodeMt5Venue } from './mt5-venue.ts';
import { parsePortRange } from './port-range.ts';
import { suggestion } from './problems.ts';
import { pointerTo } from './read-yaml.ts';
import type { RawConfig } from './schema.ts';
import type { Config, HaltRuleConfig, RiskConfig, StrategyOverrides, VenueConfig } from './types.ts';

/** Takes a problem at a JSON pointer. */
export type Report = (pointer: string, detail: string) => void;

type Section<K extends keyof RawConfig> = NonNullable<RawConfig[K]>;
type RawVenue = Section<'venues'>[string];
type RawInstrument = Section<'instruments'>[string];
type RawStrategy = Section<'strategies'>[string];
type RawRule = NonNullable<Section<'risk'>['halt']>[number];

/**
 * Decodes a merged, validated tree that stands on the embedded defaults. Paths of replay files are taken from `baseDir`. Problems go to
 * `report`; the result is meaningful only when there were none.
 */
export function decode(raw: RawConfig, baseDir: string, report: Report): Config {
  const sessions = mapOf(raw.sessions, (session, name) => decodeSession(session, name, report));
  const instruments = mapOf(raw.instruments, (instrument, symbol) => decodeInstrument(instrument, symbol, report));
  const venues = mapOf(raw.venues, (venue, name) => decodeVenue(venue, name, baseDir, report));
  const config: Config = {
    account: { currency: raw.account!.currency!, startingBalance: dec(raw.account!.startingBalance!) },
    defaultVenue: raw.defaultVenue!,
    venues,
    instruments,
    rates: mapOf(raw.rates, (rate) => dec(rate)),
    risk: decodeRisk(raw.risk ?? {}),
    sessions,
    strategies: mapOf(raw.strategies, (strategy, name) => decodeStrategy(strategy, name, raw, report)),
    http: decodeHttp(raw.http!),
    logging: raw.logging as Config['logging'],
    alerts: decodeAlerts(raw.alerts ?? {}, baseDir, report),
  };
  checkNames(config, report);
  return config;
}

function checkNames(config: Config, report: Report): void {
  const { venues, sessions, instruments, defaultVenue } = config;
  if (!venues.has(defaultVenue)) {
    const names = [...venues.keys()];
    report('/defaultVenue', `no venue is named "${defaultVenue}"${suggestion(defaultVenue, names)}`);
  }
  const gateways = [...venues.values()].filter((venue) => venue.type === 'mt5');
  checkMagics(gateways, (name, detail) => report(`${pointerTo('/venues', name)}/magic`, detail));
  checkGateways(gateways, config.account.currency, (name, member, detail) =>
    report(`${pointerTo('/venues', name)}/${member}`, detail),
  );
  const known = [...sessions.keys(), ...ALWAYS_OPEN];
  for (const { symbol, session } of instruments.values()) {
    if (known.includes(session)) continue;
    report(
      `${pointerTo('/instruments', symbol)}/session`,
      `no session is named "${session}"${suggestion(session, known)}`,
    );
  }
}

function decodeVenue(venue: RawVenue, name: string, baseDir: string, report: Report): VenueConfig {
  const pointer = pointerTo('/venues', name);
  if (venue.type === 'mt5') return decodeMt5Venue(venue, name, (at, detail) => report(pointer + at, detail));
  const feed = venue.feed!;
  if (feed === 'replay' && venue.file === undefined) report(pointer, `"${name}" replays a file: name it with "file"`);
  if (feed !== 'replay' && venue.file !== undefined)
    report(`${pointer}/file`, `"file" needs "feed: replay"; the feed of "${name}" is ${feed}`);
  return {
    type: 'paper',
    name,
    feed,
    seed: venue.seed!,
    speed: venue.speed === 'max' ? 'max' : Number(venue.speed),
    latencyMs: venue.latencyMs!,
    slippagePoints: venue.slippagePoints!,
    rejectionRate: venue.rejectionRate!,
    partialFillRate: venue.partialFillRate!,
    commissionPerLot: dec(venue.commissionPerLot!),
    ...(venue.file === undefined ? {} : { file: resolve(baseDir, venue.file) }),
    ...(venue.symbol === undefined ? {} : { symbol: venue.symbol }),
  };
}

/** A symbol of six letters names its two currencies; what money depends on has no guess. */
function decodeInstrument(raw: RawInstrument, symbol: string, report: Report): Instrument {
  const pointer = pointerTo('/instruments', symbol);
  const needed = <T>(value: T | undefined, key: string, instead: T): T => {
    if (value === undefined) report(pointer, `"${symbol}" needs a value for "${key}"`);
    return value ?? instead;
  };
  const isPair = /^[A-Z]{6}$/.test(symbol);
  const instrument: Instrument = {
    symbol,
    contractSize: dec(raw.contractSize!),
    tickSize: dec(needed<DecimalLike>(raw.tickSize, 'tickSize', 1)),
    volumeMin: dec(needed<DecimalLike>(raw.volumeMin, 'volumeMin', 1)),
    volumeStep: dec(needed<DecimalLike>(raw.volumeStep, 'volumeStep', 1)),
    ...(raw.volumeMax === undefined ? {} : { volumeMax: dec(raw.volumeMax) }),
    base: needed(raw.base ?? (isPair ? symbol.slice(0, 3) : undefined), 'base', ''),
    quote: needed(raw.quote ?? (isPair ? symbol.slice(3) : undefined), 'quote', ''),
    session: raw.session!,
    spread: dec(raw.spread!),
    ...(raw.swapLong !== undefined && { swapLong: dec(raw.swapLong) }),
    ...(raw.swapShort !== undefined && { swapShort: dec(raw.swapShort) }),
  };
  if (instrument.volumeMax?.lessThan(instrument.volumeMin) === true)
    report(`${pointer}/volumeMax`, `"volumeMax" must not be under volumeMin, ${instrument.volumeMin.toString()}`);
  return instrument;
}

function decodeSession(raw: Section<'sessions'>[string], name: string, report: Report) {
  const pointer = pointerTo('/sessions', name);
  if (ALWAYS_OPEN.includes(name)) report(pointer, `"${name}" is always open and cannot be defined`);
  for (const key of ['zone', 'open', 'close'] as const)
    if (raw[key] === undefined) report(pointer, `"${name}" needs a value for "${key}"`);
  const { zone = '', open = '', close = '', holidays = [] } = raw;
  if (open.includes(' ') !== close.includes(' ') && open !== '' && close !== '')
    report(`${pointer}/close`, '"open" and "close" must both name a weekday, or neither');
  return { zone, open, close, holidays };
}

function decodeRisk(raw: Section<'risk'>): RiskConfig {
  return {
    dayRollover: raw.dayRollover ?? '00:00 UTC',
    gate: raw.gate ?? {},
    halt: rules(raw.halt),
    book: rules(raw.book),
    strategies: Object.fromEntries(
      Object.entries(raw.strategies ?? {}).map(([name, { gate, halt }]) => [
        name,
        { ...(gate === undefined ? {} : { gate }), ...(halt === undefined ? {} : { halt: rules(halt) }) },
      ]),
    ),
  };
}

const rules = (list: readonly RawRule[] | undefined): readonly HaltRuleConfig[] => (list ?? []).map(decodeRule);

function decodeRule(raw: RawRule): HaltRuleConfig {
  return {
    rule: raw.rule,
    limit: dec(raw.limit),
    onBreach: raw.onBreach ?? 'hold',
    ...('basis' in raw && raw.basis !== undefined ? { basis: raw.basis } : {}),
    ...('window' in raw && raw.window !== undefined ? { windowMs: durationOf(raw.window) } : {}),
    ...('realizedOnly' in raw && raw.realizedOnly !== undefined ? { realizedOnly: raw.realizedOnly } : {}),
    ...('autoResume' in raw && raw.autoResume !== undefined ? { autoResume: raw.autoResume } : {}),
  };
}

function decodeStrategy(strategy: RawStrategy, name: string, raw: RawConfig, report: Report): StrategyOverrides {
  const { params, expectTradesEvery, highSlippage, alerts } = strategy;
  const pointer = `${pointerTo('/strategies', name)}/alerts`;
  const slippage: Decimal | undefined = highSlippage === undefined ? undefined : dec(highSlippage);
  return {
    ...(params === undefined ? {} : { params }),
    ...(expectTradesEvery === undefined ? {} : { expectTradesEveryMs: durationOf(expectTradesEvery) }),
    ...(slippage === undefined ? {} : { highSlippage: slippage }),
    ...(alerts === undefined ? {} : { alerts: decodeChanges(alerts, pointer, raw.alerts?.rules ?? {}, report) }),
  };
}

function decodeHttp({ portPool, controlPort, bind, allowedHosts }: Section<'http'>): Config['http'] {
  return {
    portPool: parsePortRange(portPool!)!,
    controlPort: controlPort!,
    bind: bind!,
    allowedHosts: allowedHosts ?? [],
  };
}

/** Of a text that the schema has checked. */
const durationOf = (text: string): number => parseDuration(text)!;

function mapOf<T, R>(record: Readonly<Record<string, T>> | undefined, decodeOne: (value: T, key: string) => R) {
  return new Map(Object.entries(record ?? {}).map(([key, value]) => [key, decodeOne(value, key)]));
}
