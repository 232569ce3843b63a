/** An author's code that trades at random in every way that MT5 knows. */
import { NEVER } from 'rxjs';
import { orderId } from '../../../src/domain/ids.ts';
import type { Prng } from '../../../src/domain/prng.ts';
import type { CreateMessage, GuestHost, TurnResult } from '../../../src/worker/host.ts';
import type { CallbackName, WireDefinition, WireIntent, WireItem, WireState } from '../../../src/worker/protocol.ts';

/** A market as the traders see it: how far its prices go, and what is traded of it. */
export interface Traded {
  readonly symbol: string;
  readonly price: number;
  readonly digits: number;
  /** The usual way of a price within a minute or so. */
  readonly reach: number;
  /** The smallest quantity; orders are some of it. */
  readonly lot: number;
}

export function definitionOf(name: string, traded: readonly Traded[]): WireDefinition {
  const streams = traded.map(({ symbol }) => ({ key: symbol, symbol, warmup: 0 }));
  return { name, version: 1, params: [], streams, timers: [], onHang: 'hold' };
}

type Place = Extract<WireIntent, { kind: 'place' }>;
type Ids = Pick<Place, 'orderId' | 'signalId' | 'stream'>;

/** More than this at work, and it cancels everything. */
const MOST_ORDERS = 10;
const GTD_MS = 20_000;

export interface TraderOptions {
  readonly name: string;
  readonly traded: readonly Traded[];
  readonly prng: Prng;
  /** Does it trade now? */
  readonly active: () => boolean;
}

export class Trader implements GuestHost {
  readonly failures$ = NEVER;
  readonly #options: TraderOptions;
  readonly #prng: Prng;
  #run = 0;
  #sequence = 0;
  #state: WireState | undefined;

  constructor(options: TraderOptions) {
    this.#options = options;
    this.#prng = options.prng;
  }

  load(): Promise<WireDefinition> {
    return Promise.resolve(definitionOf(this.#options.name, this.#options.traded));
  }

  create({ run, state }: CreateMessage): Promise<readonly CallbackName[]> {
    this.#run = run;
    this.#state = state;
    return Promise.resolve(['onTick', 'onFill']);
  }

  turn(items: readonly WireItem[], state?: WireState): TurnResult {
    if (state !== undefined) this.#state = state;
    for (const [index, item] of items.entries()) {
      const intents = item.kind === 'tick' && item.warming !== true ? this.#act(item.stream, item.bid, item.ts) : [];
      if (intents.length > 0) return { consumed: index + 1, intents, logs: [], evaluations: index + 1 };
    }
    return { consumed: items.length, intents: [], logs: [], evaluations: items.length };
  }

  terminate(): void {}

  utilization(): number {
    return 0;
  }

  #act(stream: string, bid: number, now: number): readonly WireIntent[] {
    if (!this.#options.active()) return [];
    const traded = this.#options.traded.find(({ symbol }) => symbol === stream)!;
    const orders = this.#state?.orders ?? [];
    if (orders.length > MOST_ORDERS) return [{ kind: 'cancelAll', stream }];
    const draw = this.#below(30);
    const ids = (): Ids => this.#ids(stream);
    if (draw === 0) return [{ kind: 'close', ...ids() }];
    if (draw === 1 && orders.length > 0) return [{ kind: 'cancel', orderId: this.#pick(orders).id }];
    if (draw === 2)
      return [this.#entry(ids(), 'limit', traded, bid, now), this.#entry(ids(), 'stop', traded, bid, now)];
    if (draw === 3) return [this.#stack(ids(), traded)];
    if (draw === 4) return [{ kind: 'cancelAll', stream }];
    if (draw < 8) return [this.#entry(ids(), 'market', traded, bid, now)];
    if (draw < 11) return [this.#entry(ids(), this.#pick(['limit', 'stop', 'trailingStop']), traded, bid, now)];
    return [];
  }

  #ids(stream: string): Ids {
    this.#sequence += 1;
    const id = orderId(this.#options.name, this.#run, this.#sequence);
    return { orderId: id, signalId: id.replace(/(\d+)$/, 's$1'), stream };
  }

  #entry(ids: Ids, type: Place['type'], traded: Traded, bid: number, now: number): Place {
    const side = this.#side();
    const away = traded.reach * (0.05 + this.#prng.next());
    const below = (side === 'BUY') === (type === 'limit');
    const price = (below ? bid - away : bid + away).toFixed(traded.digits);
    const level = (): { readonly by: string } => ({
      by: (traded.reach * (0.1 + this.#prng.next())).toFixed(traded.digits),
    });
    return {
      kind: 'place',
      ...ids,
      side,
      type,
      qty: this.#qty(traded),
      tif: 'GTC',
      ...((type === 'limit' || type === 'stop') && { price }),
      ...(type === 'limit' && this.#below(3) === 0 && { tif: 'GTD', expiresAt: now + GTD_MS }),
      ...(type === 'trailingStop' && { trail: level().by }),
      ...(this.#below(10) < 6 && { bracket: this.#bracket(level) }),
    };
  }

  #bracket(level: () => { readonly by: string }): NonNullable<Place['bracket']> {
    const which = this.#below(4);
    return { ...(which !== 0 && { stopLoss: level() }), ...(which !== 1 && { takeProfit: level() }) };
  }

  #stack(ids: Ids, traded: Traded): Place {
    const layers = [0, 1, 2].map((layer) => ({
      offset: (layer * traded.reach * 0.2).toFixed(traded.digits),
      qty: traded.lot.toString(),
    }));
    const stopLoss = { by: traded.reach.toFixed(traded.digits) };
    return {
      kind: 'place',
      ...ids,
      side: this.#side(),
      type: 'market',
      qty: traded.lot.toString(),
      tif: 'GTC',
      bracket: { stopLoss },
      stack: { layers, withinMs: 60_000 },
    };
  }

  #qty({ lot }: Traded): string {
    return (lot * (1 + this.#below(5))).toFixed(8);
  }

  #side(): 'BUY' | 'SELL' {
    return this.#prng.next() < 0.5 ? 'BUY' : 'SELL';
  }

  #below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }
}
