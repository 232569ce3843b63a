/** An author's code that trades at random, in every way there is. */
import { NEVER } from 'rxjs';
import { orderId } from '../../src/domain/ids.ts';
import type { Prng } from '../../src/domain/prng.ts';
import type { CreateMessage, GuestHost, TurnResult } from '../../src/worker/host.ts';
import type { CallbackName, WireDefinition, WireIntent, WireItem, WireState } from '../../src/worker/protocol.ts';

export const STREAM = 'x';
export const DEFINITION: WireDefinition = {
  name: 's',
  version: 1,
  params: [],
  streams: [{ key: STREAM, symbol: 'X', warmup: 0 }],
  timers: [],
  onHang: 'hold',
};

type Place = Extract<WireIntent, { kind: 'place' }>;
type Ids = Pick<Place, 'orderId' | 'signalId' | 'stream'>;

/** More than this at work, and it cancels everything. */
const MOST_ORDERS = 14;

export class BusyGuest implements GuestHost {
  readonly failures$ = NEVER;
  readonly #prng: Prng;
  /** Whether turns are answered later, as by a thread. */
  readonly #later: boolean;
  #run = 0;
  #sequence = 0;
  #state: WireState | undefined;

  constructor(prng: Prng, later: boolean) {
    this.#prng = prng;
    this.#later = later;
  }

  load(): Promise<WireDefinition> {
    return Promise.resolve(DEFINITION);
  }

  create({ run, state }: CreateMessage): Promise<readonly CallbackName[]> {
    this.#run = run;
    this.#state = state;
    return Promise.resolve(['onTick', 'onFill']);
  }

  turn(items: readonly WireItem[], state?: WireState): TurnResult | Promise<TurnResult> {
    if (state !== undefined) this.#state = state;
    const result = this.#worked(items);
    return this.#later ? Promise.resolve(result) : result;
  }

  terminate(): void {}

  utilization(): number {
    return 0;
  }

  #worked(items: readonly WireItem[]): TurnResult {
    for (const [index, item] of items.entries()) {
      const intents = item.kind === 'tick' && item.warming !== true ? this.#act(item.bid) : [];
      if (intents.length > 0) return { consumed: index + 1, intents, logs: [], evaluations: index + 1 };
    }
    return { consumed: items.length, intents: [], logs: [], evaluations: items.length };
  }

  #act(bid: number): readonly WireIntent[] {
    const orders = this.#state?.orders ?? [];
    if (orders.length > MOST_ORDERS) return [{ kind: 'cancelAll' }];
    const draw = Math.floor(this.#prng.next() * 20);
    const ids = (): Ids => {
      this.#sequence += 1;
      const signalId = orderId('s', this.#run, this.#sequence).replace(/(\d+)$/, 's$1');
      return { orderId: orderId('s', this.#run, this.#sequence), signalId, stream: STREAM };
    };
    if (draw === 0) return [{ kind: 'close', ...ids() }];
    if (draw === 1 && orders.length > 0) return [{ kind: 'cancel', orderId: this.#pick(orders).id }];
    if (draw === 2) return [this.#entry(ids(), 'limit', bid), this.#entry(ids(), 'stop', bid)];
    if (draw === 3) return [this.#stack(ids())];
    if (draw < 8) return [this.#entry(ids(), this.#pick(['market', 'limit', 'stop', 'trailingStop']), bid)];
    return [];
  }

  #entry(ids: Ids, type: Place['type'], bid: number): Place {
    const side = this.#side();
    const away = 0.05 + this.#prng.next() * 0.4;
    const below = (side === 'BUY') === (type === 'limit');
    const price = (below ? bid - away : bid + away).toFixed(2);
    return {
      kind: 'place',
      ...ids,
      side,
      type,
      qty: (1 + Math.floor(this.#prng.next() * 5)).toFixed(1),
      tif: 'GTC',
      ...((type === 'limit' || type === 'stop') && { price }),
      ...(type === 'trailingStop' && { trail: '0.25' }),
      ...(this.#prng.next() < 0.7 && { bracket: { stopLoss: { by: '0.40' }, takeProfit: { by: '0.50' } } }),
    };
  }

  #stack(ids: Ids): Place {
    const layers = [0, 1, 2].map((layer) => ({ offset: (layer * 0.2).toFixed(2), qty: '1.0' }));
    return {
      kind: 'place',
      ...ids,
      side: this.#side(),
      type: 'market',
      qty: '1.0',
      tif: 'GTC',
      bracket: { stopLoss: { by: '0.60' } },
      stack: { layers, withinMs: 3_600_000 },
    };
  }

  #side(): 'BUY' | 'SELL' {
    return this.#prng.next() < 0.5 ? 'BUY' : 'SELL';
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#prng.next() * from.length)]!;
  }
}
