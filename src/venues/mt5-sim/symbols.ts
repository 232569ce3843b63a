/** The symbols that the simulated broker offers, under the names that a profile gives them. */
import { dec } from '../../domain/decimal.ts';
import { QktError } from '../../errors.ts';
import { brokerSymbol, type Mt5Profile } from '../mt5-profiles.ts';
import type { SymbolTerms } from './types.ts';

interface Terms {
  readonly base: string;
  readonly quote: string;
  readonly contractSize: number;
  readonly digits: number;
  readonly volumeMin?: number;
  readonly volumeMax?: number;
  /** In points. */
  readonly spread: number;
  readonly startPrice: number;
}

const pair = (symbol: string, startPrice: number, spread: number, digits = 5): [string, Terms] => [
  symbol,
  { base: symbol.slice(0, 3), quote: symbol.slice(3), contractSize: 100_000, digits, spread, startPrice },
];

const index = (symbol: string, startPrice: number, spread: number): [string, Terms] => [
  symbol,
  { base: symbol, quote: 'USD', contractSize: 1, digits: 1, volumeMin: 0.1, spread, startPrice },
];

const TERMS = new Map<string, Terms>([
  pair('EURUSD', 1.0925, 8),
  pair('GBPUSD', 1.2715, 12),
  pair('AUDUSD', 0.664, 10),
  pair('NZDUSD', 0.618, 14),
  pair('USDJPY', 147.25, 9, 3),
  pair('USDCHF', 0.871, 12),
  pair('USDCAD', 1.352, 13),
  pair('EURGBP', 0.8592, 11),
  pair('EURJPY', 160.85, 14, 3),
  pair('GBPJPY', 187.2, 20, 3),
  [
    'XAUUSD',
    { base: 'XAU', quote: 'USD', contractSize: 100, digits: 3, volumeMax: 50, spread: 250, startPrice: 2400.1 },
  ],
  ['XAGUSD', { base: 'XAG', quote: 'USD', contractSize: 5000, digits: 3, spread: 20, startPrice: 28.1 }],
  ['BTCUSD', { base: 'BTC', quote: 'USD', contractSize: 1, digits: 1, spread: 20, startPrice: 43_250 }],
  ['ETHUSD', { base: 'ETH', quote: 'USD', contractSize: 1, digits: 2, spread: 110, startPrice: 2310 }],
  index('US500', 4780, 5),
  index('US30', 37_600, 24),
  index('NAS100', 16_800, 14),
  ['UKOIL', { base: 'UKOIL', quote: 'USD', contractSize: 1000, digits: 3, spread: 30, startPrice: 79.4 }],
  ['NGAS', { base: 'NGAS', quote: 'USD', contractSize: 10_000, digits: 3, spread: 6, startPrice: 2.6 }],
]);

/** All that can be offered, under our names. */
const OFFERED: readonly string[] = [...TERMS.keys()];
/** Offered when nothing is said. */
export const DEFAULT_SYMBOLS: readonly string[] = ['EURUSD', 'GBPUSD', 'USDJPY', 'XAUUSD', 'BTCUSD'];

/** Terms that differ from a symbol's own. */
export type SymbolChanges = Partial<
  Pick<SymbolTerms, 'stopsLevel' | 'freezeLevel' | 'fillingMode' | 'swapLong' | 'swapShort' | 'volumeMax'>
>;

/**
 * The terms of these symbols, by the broker's name.
 * @throws QktError QKT_E_UNKNOWN_SYMBOL for one that is not offered
 */
export function termsOf(
  symbols: readonly string[],
  profile: Pick<Mt5Profile, 'suffix' | 'aliases'>,
  changes: SymbolChanges = {},
): ReadonlyMap<string, SymbolTerms> {
  return new Map(
    symbols.map((ours) => [brokerSymbol(profile, ours), terms(ours, brokerSymbol(profile, ours), changes)]),
  );
}

function terms(ours: string, symbol: string, changes: SymbolChanges): SymbolTerms {
  const found = TERMS.get(ours);
  if (found === undefined)
    throw new QktError('QKT_E_UNKNOWN_SYMBOL', `the simulator does not offer ${ours}: it has ${OFFERED.join(', ')}`);
  const { digits, spread, contractSize, volumeMin = 0.01, volumeMax = 100, ...rest } = found;
  const point = dec(`1e-${digits}`);
  return {
    ...rest,
    ours,
    symbol,
    digits,
    contractSize: dec(contractSize),
    tickSize: point,
    spread: point.times(dec(spread)),
    volumeMin: dec(volumeMin),
    volumeStep: dec(volumeMin),
    volumeMax: dec(volumeMax),
    session: '24x7',
    swapLong: dec(0),
    swapShort: dec(0),
    stopsLevel: 0,
    freezeLevel: 0,
    fillingMode: 2,
    ...changes,
  };
}
