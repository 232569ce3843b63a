/** A strategy's changes of state, kept beyond the run: what the past is told from. */
import type { StoredTransition } from '../domain/history.ts';

/** The oldest go first. */
const KEPT = 500;

export interface TransitionStore {
  recall(): readonly StoredTransition[];
  keep(transitions: readonly StoredTransition[]): void;
}

export class TransitionLog {
  readonly #store: TransitionStore;
  #transitions: readonly StoredTransition[];

  constructor(store: TransitionStore) {
    this.#store = store;
    this.#transitions = store.recall();
  }

  add(transition: StoredTransition): void {
    this.#transitions = [...this.#transitions, transition].slice(-KEPT);
    this.#store.keep(this.#transitions);
  }

  /** Oldest first. */
  all(): readonly StoredTransition[] {
    return this.#transitions;
  }
}
