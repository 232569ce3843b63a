/** How the waiting layers of a desk end: each is said to be cancelled, on record. */
import { layerId } from '../domain/ids.ts';
import type { DeskDependencies } from './desk-types.ts';
import type { Lots } from './lots.ts';
import { cancelEvent } from './order-events.ts';
import type { OrderStore } from './order-store.ts';
import { Stacks, type Stack } from './stacks.ts';

export class DeskStacks {
  readonly stacks: Stacks;
  readonly #deps: Pick<DeskDependencies, 'record' | 'onChange'>;
  readonly #orders: OrderStore;

  constructor(dependencies: Pick<DeskDependencies, 'clock' | 'record' | 'onChange'>, orders: OrderStore) {
    this.#deps = dependencies;
    this.#orders = orders;
    this.stacks = new Stacks(dependencies.clock, (stack) => this.#lost(stack, 'the time for its layers is over'));
  }

  /** The ids of the layers that waited. */
  drop(stackId: string, reason: string): readonly string[] {
    const stack = this.stacks.drop(stackId);
    return stack === undefined ? [] : this.#lost(stack, reason);
  }

  /** Those of one symbol, or all. */
  dropAll(symbol: string | undefined, reason: string): readonly string[] {
    return this.stacks
      .all()
      .filter(({ waiting }) => symbol === undefined || waiting[0]?.symbol === symbol)
      .flatMap(({ id }) => this.drop(id, reason));
  }

  /** When every filled layer is closed and none is on its way, what still waits is cancelled. */
  endWhenClosed(stackId: string, lots: Lots): void {
    if (this.stacks.get(stackId)?.expiry === undefined) return;
    if (!this.#orders.hasStack(stackId) && !lots.holdsStack(stackId))
      this.drop(stackId, 'its filled layers are closed');
  }

  #lost({ id, waiting }: Stack, reason: string): readonly string[] {
    const ids = waiting.map(({ layer }) => layerId(id, layer));
    for (const [index, { symbol }] of waiting.entries())
      this.#deps.record(cancelEvent(ids[index]!, symbol, 'cancelled', reason));
    this.#deps.onChange();
    return ids;
  }
}
