/** The callbacks that `create` returned, and what each kind of item hands to them. */
import type { Bar, Callbacks, Denial, Fill, Tick } from './api.ts';
import type { CallbackName, WireDefinition, WireItem } from './protocol.ts';
import { AnchoredError, isPlainObject, memberError, show, suggest } from './shape.ts';

export const CALLBACK_NAMES: readonly CallbackName[] = ['onBar', 'onTick', 'onFill', 'onReject', 'onTimer', 'onStop'];

/** @throws AnchoredError `QKT_E_STRATEGY_SHAPE` when they are not callbacks. */
export function checkedCallbacks(returned: unknown, definition: WireDefinition): Callbacks {
  if (isThenable(returned))
    throw new AnchoredError(
      'QKT_E_ASYNC_CALLBACK',
      'create returned a promise: it must return the callbacks',
      'create',
    );
  if (!isPlainObject(returned))
    throw memberError('create', `must return an object of callbacks, not ${show(returned)}`);
  for (const name of CALLBACK_NAMES) {
    const member = returned[name];
    if (member !== undefined && typeof member !== 'function')
      throw memberError(name, `must be a function, not ${show(member)}`);
  }
  // An object of the author's own class may well have other members; a plain one has them by mistake.
  const odd =
    Object.getPrototypeOf(returned) === Object.prototype
      ? Object.keys(returned).find((key) => !(CALLBACK_NAMES as readonly string[]).includes(key))
      : undefined;
  if (odd !== undefined) {
    const text = `create returned an unknown callback ${odd}${suggest(odd, CALLBACK_NAMES)}`;
    throw new AnchoredError('QKT_E_STRATEGY_SHAPE', text, odd);
  }
  const callbacks = returned as Callbacks;
  if (callbacks.onBar !== undefined && definition.streams.every((stream) => stream.barMs === undefined))
    throw memberError('onBar', 'is never called: no stream asks for bars');
  if (callbacks.onTimer !== undefined && definition.timers.length === 0)
    throw memberError('onTimer', 'is never called: the strategy has no timers');
  return callbacks;
}

export function isThenable(value: unknown): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof Reflect.get(value, 'then') === 'function'
  );
}

const CALLBACK_OF = {
  bar: 'onBar',
  tick: 'onTick',
  fill: 'onFill',
  reject: 'onReject',
  timer: 'onTimer',
  stop: 'onStop',
} as const satisfies Record<Exclude<WireItem['kind'], 'probe'>, CallbackName>;

/** The callback that an item is for; none for a probe, which only asks for a sign of life. */
export function callbackOf(item: WireItem): CallbackName | undefined {
  return item.kind === 'probe' ? undefined : CALLBACK_OF[item.kind];
}

export type SymbolOf = (stream: string) => string;

/** What the callback gets before `ctx`; nothing for `onStop`. */
export function argumentOf(item: WireItem, symbolOf: SymbolOf): unknown {
  switch (item.kind) {
    case 'bar':
      return barOf(item, symbolOf);
    case 'tick':
      return tickOf(item, symbolOf);
    case 'fill':
      return fillOf(item, symbolOf);
    case 'reject':
      return denialOf(item, symbolOf);
    case 'timer':
      return item.name;
    default:
      return undefined;
  }
}

type Item<Kind extends WireItem['kind']> = Extract<WireItem, { kind: Kind }>;

function barOf({ stream, start, end, open, high, low, close, ticks }: Item<'bar'>, symbolOf: SymbolOf): Bar {
  return Object.freeze({ stream, symbol: symbolOf(stream), start, end, open, high, low, close, ticks });
}

function tickOf({ stream, ts, bid, ask }: Item<'tick'>, symbolOf: SymbolOf): Tick {
  return Object.freeze({ stream, symbol: symbolOf(stream), ts, bid, ask });
}

function fillOf(item: Item<'fill'>, symbolOf: SymbolOf): Fill {
  return Object.freeze({
    stream: item.stream,
    symbol: symbolOf(item.stream),
    ts: item.now,
    id: item.fillId,
    orderId: item.orderId,
    side: item.side,
    qty: Number(item.qty),
    price: item.price,
    commission: Number(item.commission),
    realized: Number(item.realized),
    reducing: item.reducing,
    role: item.role as Fill['role'],
    ...(item.tag === undefined ? {} : { tag: item.tag }),
  });
}

function denialOf(item: Item<'reject'>, symbolOf: SymbolOf): Denial {
  return Object.freeze({
    stream: item.stream,
    symbol: symbolOf(item.stream),
    ts: item.now,
    orderId: item.orderId,
    status: item.status,
    code: item.code,
    reason: item.reason,
    side: item.side,
    qty: Number(item.qty),
    ...(item.tag === undefined ? {} : { tag: item.tag }),
  });
}
