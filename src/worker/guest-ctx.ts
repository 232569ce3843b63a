/** The `ctx` of one run, and the intents that are asked for through it. */
import { orderId } from '../domain/ids.ts';
import type { Ctx, Side } from './api-types.ts';
import { MAX_INTENTS, type FloodAlarm } from './guest-flood.ts';
import type { GuestLog } from './guest-log.ts';
import type { GuestView } from './guest-view.ts';
import { intentError, orderTerms } from './order-options.ts';
import type { WireIntent } from './protocol.ts';
import { show, suggest } from './shape.ts';

const NONE: readonly WireIntent[] = Object.freeze([]);

/** The moment that a callback sees, and what it has asked for so far. */
export class Moment {
  now = 0;
  warming = false;
  /** Actions are refused outside callbacks: nothing would apply them at a known time. */
  isOpen = false;
  readonly #alarm: FloodAlarm;
  #intents: WireIntent[] = [];

  constructor(alarm: FloodAlarm) {
    this.#alarm = alarm;
  }

  add(action: string, intent: WireIntent): void {
    if (!this.isOpen) throw intentError(`${action}: ctx acts only while a callback runs`);
    if (this.#intents.length >= MAX_INTENTS)
      throw this.#alarm.raise(`${action}: more than ${MAX_INTENTS} actions in one callback`);
    this.#intents.push(intent);
  }

  take(): readonly WireIntent[] {
    if (this.#intents.length === 0) return NONE;
    const taken = this.#intents;
    this.#intents = [];
    return taken;
  }
}

export interface CtxParts {
  readonly strategy: string;
  /** How often the strategy was started: part of every id. */
  readonly run: number;
  readonly streams: readonly string[];
  readonly moment: Moment;
  readonly view: GuestView;
  readonly log: GuestLog;
}

/** Its members need no `this`, so that authors may take them apart. */
export function makeCtx({ strategy, run, streams, moment, view, log }: CtxParts): Ctx {
  const known = new Set(streams);
  let sequence = 0;

  const checkStream = (action: string, stream: unknown): string => {
    if (typeof stream === 'string' && known.has(stream)) return stream;
    const hint = typeof stream === 'string' ? suggest(stream, streams) : `; there are ${streams.join(', ')}`;
    throw intentError(`${action}: no stream ${show(stream)}${hint}`);
  };
  const nextIds = (): { readonly orderId: string; readonly signalId: string } => {
    sequence += 1;
    return { orderId: orderId(strategy, run, sequence), signalId: `${strategy}-${run}-s${sequence}` };
  };
  const place = (action: string, side: Side, stream: unknown, options: unknown): { readonly id: string } => {
    const key = checkStream(action, stream);
    const terms = orderTerms(action, options);
    const ids = nextIds();
    moment.add(action, { kind: 'place', ...ids, stream: key, side, ...terms });
    return Object.freeze({ id: ids.orderId });
  };

  return Object.freeze<Ctx>({
    get now() {
      return moment.now;
    },
    get warming() {
      return moment.warming;
    },
    get account() {
      return view.account();
    },
    buy: (stream, options) => place('buy', 'BUY', stream, options),
    sell: (stream, options) => place('sell', 'SELL', stream, options),
    close: (stream) => {
      const key = checkStream('close', stream);
      moment.add('close', { kind: 'close', ...nextIds(), stream: key });
    },
    cancel: (id) => {
      if (typeof id !== 'string' || id === '') throw intentError(`cancel: the order id must be text, not ${show(id)}`);
      moment.add('cancel', { kind: 'cancel', orderId: id });
    },
    cancelAll: (stream) => {
      const of = stream === undefined ? {} : { stream: checkStream('cancelAll', stream) };
      moment.add('cancelAll', { kind: 'cancelAll', ...of });
    },
    position: (stream) => view.position(checkStream('position', stream)),
    quote: (stream) => view.quote(checkStream('quote', stream)),
    orders: (stream) => view.orders(stream === undefined ? undefined : checkStream('orders', stream)),
    log: (level, message, fields) => log.write(level, message, fields),
  });
}
