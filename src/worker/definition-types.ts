/** What authors write: the parts of `defineStrategy({…})`. */
import type { Bar, BarLength, Ctx, Denial, Duration, Fill, Num, Tick } from './api-types.ts';
import type { Indicators } from './indicator-types.ts';

export interface NumberParam {
  readonly kind: 'integer' | 'decimal';
  readonly default: number;
  readonly min?: number;
  readonly max?: number;
}
export interface BooleanParam {
  readonly kind: 'boolean';
  readonly default: boolean;
}
export interface StringParam {
  readonly kind: 'string';
  readonly default: string;
}
export interface OneOfParam<O extends string = string> {
  readonly kind: 'oneOf';
  readonly default: O;
  readonly options: readonly O[];
}
export type Param = NumberParam | BooleanParam | StringParam | OneOfParam;

/** The type that `create` gets for a declared parameter. */
export type ParamValue<P> = P extends NumberParam
  ? number
  : P extends BooleanParam
    ? boolean
    : P extends OneOfParam<infer O>
      ? O
      : string;

export type ParamValues<P> = { readonly [Name in keyof P]: ParamValue<P[Name]> };

export interface StreamSpec {
  readonly symbol: string;
  /** A key of `venues` in the configuration; the default venue unless said. */
  readonly venue?: string;
  readonly bars?: BarLength;
  /** Closed bars needed before orders pass. */
  readonly warmup?: number;
  /** A key of `sessions` in the configuration; the instrument's unless said. */
  readonly session?: string;
}

/** Every so often, or at a time of day in a zone (IANA name; UTC unless said). */
export type TimerSpec =
  | { readonly every: Duration; readonly at?: never; readonly zone?: never }
  | { readonly at: string; readonly zone?: string; readonly every?: never };

/** Limits that travel with the strategy; the daemon's may only be tighter. */
export interface RiskSpec {
  readonly gate?: Readonly<Record<string, unknown>>;
  readonly halt?: readonly ({ readonly rule: string; readonly limit: Num } & Readonly<Record<string, unknown>>)[];
}

/** Nothing: written so that a function that returns a promise does not pass, as it would for plain `void`. */
type Nothing = void | undefined;

/** All optional, all synchronous: a returned promise is an error. */
export interface Callbacks<K extends string = string, T extends string = string> {
  onBar?(bar: Bar<K>, ctx: Ctx<K>): Nothing;
  onTick?(tick: Tick<K>, ctx: Ctx<K>): Nothing;
  onFill?(fill: Fill<K>, ctx: Ctx<K>): Nothing;
  /** An order was denied by the gate or rejected by the venue. */
  onReject?(denial: Denial<K>, ctx: Ctx<K>): Nothing;
  onTimer?(name: T, ctx: Ctx<K>): Nothing;
  onStop?(ctx: Ctx<K>): Nothing;
}

export type Streams = Readonly<Record<string, StreamSpec>>;
export type Params = Readonly<Record<string, Param>>;
export type Timers = Readonly<Record<string, TimerSpec>>;

/** The argument of `defineStrategy`. */
export interface StrategySpec<S extends Streams, P extends Params, T extends Timers> {
  /** Letters, digits, `_` and `-`, at most 64. */
  readonly name: string;
  /** Yours; 1 unless said. */
  readonly version?: number;
  readonly params?: P;
  readonly streams: S;
  readonly timers?: T;
  readonly risk?: RiskSpec;
  /** Market time without a trade after which the `no_trades` alert fires. */
  readonly expectTradesEvery?: Duration;
  /** What becomes of the strategy when its code hangs; `halt` unless said. */
  readonly onHang?: 'hold' | 'halt' | 'flatten';
  /** Where the code runs: a thread of the daemon unless said; a process of its own for native code. */
  readonly isolation?: 'worker' | 'process';
  /** Called once per run: keep state in its variables and return the callbacks. */
  create(tools: {
    readonly params: ParamValues<P>;
    readonly indicators: Indicators;
  }): Callbacks<keyof S & string, keyof T & string>;
}

/** A checked, frozen definition: what a strategy file exports as default. */
export interface StrategyDefinition {
  readonly name: string;
  readonly version: number;
  readonly params: Params;
  readonly streams: Streams;
  readonly timers: Timers;
  readonly risk?: RiskSpec;
  readonly expectTradesEvery?: Duration;
  readonly onHang: 'hold' | 'halt' | 'flatten';
  readonly isolation: 'worker' | 'process';
  create(tools: { readonly params: Readonly<Record<string, unknown>>; readonly indicators: Indicators }): unknown;
}
