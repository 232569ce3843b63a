/**
 * Stacks: layers that wait for the market to move from the first layer's fill. A waiting layer is
 * no order yet: it is held here, on every venue, and becomes a market order when its trigger is touched.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Tick } from '../domain/market.ts';
import type { Bracket, Order, Side, StackSpec } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';

export interface WaitingLayer {
  readonly stackId: string;
  /** 2 and up: layer 1 is the entry itself. */
  readonly layer: number;
  readonly symbol: string;
  readonly side: Side;
  readonly offset: Decimal;
  readonly qty: Decimal;
  /** Known once layer 1 has filled. */
  readonly trigger?: Decimal;
  /** The trigger as a double: every quote is compared with it. */
  readonly level?: number;
  readonly expiresAt?: EpochMs;
}

/** A stack as long as it has waiting layers. */
export interface Stack {
  readonly id: string;
  readonly signalId: string | undefined;
  readonly bracket: Bracket | undefined;
  readonly tag: string | undefined;
  readonly withinMs: number;
  waiting: readonly WaitingLayer[];
  expiry: Cancel | undefined;
}

/** A stack as it is kept: its deadline is in its layers. */
export type SavedStack = Omit<Stack, 'expiry'>;

/** A waiting layer whose trigger was touched; its stack is told with it. */
export interface TouchedLayer {
  readonly stack: Stack;
  readonly layer: WaitingLayer;
}

const NONE: readonly TouchedLayer[] = [];

export class Stacks {
  readonly #stacks = new Map<string, Stack>();
  readonly #clock: Clock;
  readonly #expired: (stack: Stack) => void;

  /** `expired` hears of a stack whose time for waiting is over, after its layers are gone. */
  constructor(clock: Clock, expired: (stack: Stack) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Holds the layers after the first; the first is the entry order that carries the stack's id. */
  add(entry: Order, spec: StackSpec): void {
    if (spec.layers.length < 2) return;
    this.#stacks.set(entry.id, {
      id: entry.id,
      signalId: entry.signalId,
      bracket: entry.bracket,
      tag: entry.tag,
      withinMs: spec.withinMs,
      expiry: undefined,
      waiting: spec.layers.slice(1).map(({ offset, qty }, index) => ({
        stackId: entry.id,
        layer: index + 2,
        symbol: entry.symbol,
        side: entry.side,
        offset,
        qty,
      })),
    });
  }

  get(stackId: string): Stack | undefined {
    return this.#stacks.get(stackId);
  }

  /** Layer 1 has filled: its price is the anchor, and the time for waiting begins. */
  anchor(stackId: string, price: Decimal, ts: EpochMs): void {
    const stack = this.#stacks.get(stackId);
    if (stack === undefined || stack.expiry !== undefined) return;
    const expiresAt = ts + stack.withinMs;
    stack.waiting = stack.waiting.map((layer) => {
      const trigger = layer.side === 'BUY' ? price.plus(layer.offset) : price.minus(layer.offset);
      return { ...layer, trigger, level: trigger.toNumber(), expiresAt };
    });
    this.#arm(stack, expiresAt);
  }

  #arm(stack: Stack, expiresAt: EpochMs): void {
    stack.expiry = this.#clock.at(expiresAt, () => {
      const lost = this.drop(stack.id);
      if (lost !== undefined) this.#expired(lost);
    });
  }

  save(): readonly SavedStack[] {
    return this.all().map(({ id, signalId, bracket, tag, withinMs, waiting }) => {
      return { id, signalId, bracket, tag, withinMs, waiting };
    });
  }

  /** Goes on with the stacks of an earlier run; one whose time is over is lost at once. */
  restore(stacks: readonly SavedStack[]): void {
    for (const saved of stacks) {
      const stack: Stack = { ...saved, expiry: undefined };
      this.#stacks.set(stack.id, stack);
      const expiresAt = stack.waiting[0]?.expiresAt;
      if (expiresAt !== undefined) this.#arm(stack, expiresAt);
    }
  }

  /** The layers that this quote touches, nearest to the anchor first. They wait until they are taken. */
  touched(tick: Tick): readonly TouchedLayer[] {
    let hits: TouchedLayer[] | undefined;
    for (const stack of this.#stacks.values())
      for (const layer of stack.waiting) if (isTouched(layer, tick)) (hits ??= []).push({ stack, layer });
    return hits === undefined ? NONE : hits.toSorted((a, b) => a.layer.offset.abs().compare(b.layer.offset.abs()));
  }

  /** Takes a layer out, so that it is sent at most once; false when it does not wait any more. */
  take({ stack, layer }: TouchedLayer): boolean {
    if (this.#stacks.get(stack.id) !== stack || !stack.waiting.includes(layer)) return false;
    stack.waiting = stack.waiting.filter((waiting) => waiting !== layer);
    if (stack.waiting.length === 0) this.drop(stack.id);
    return true;
  }

  /** Removes a stack with all that waits; returns what it was. */
  drop(stackId: string): Stack | undefined {
    const stack = this.#stacks.get(stackId);
    if (stack === undefined) return undefined;
    stack.expiry?.();
    this.#stacks.delete(stackId);
    return stack;
  }

  waiting(): readonly WaitingLayer[] {
    return [...this.#stacks.values()].flatMap(({ waiting }) => waiting);
  }

  all(): readonly Stack[] {
    return [...this.#stacks.values()];
  }
}

/** A layer with the trend of its side waits above for a BUY, below for a SELL; one against it the other way. */
function isTouched({ level, side, offset, symbol, expiresAt }: WaitingLayer, tick: Tick): boolean {
  if (level === undefined || symbol !== tick.symbol) return false;
  // A timer of a real clock may be late: the deadline wins over a touch by the same tick.
  if (expiresAt !== undefined && expiresAt <= tick.ts) return false;
  const rising = (side === 'BUY') === offset.coefficient >= 0n;
  const price = side === 'BUY' ? tick.ask : tick.bid;
  return rising ? price >= level : price <= level;
}
