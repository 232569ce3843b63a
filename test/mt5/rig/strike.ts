/** A crash that waits for its moment. */

/**
 * `commit`: a turn is handed to the disk; `synced`: it is on disk, and nobody has been told; `arrived`: a write has
 * reached the gateway; `executed`: it was carried out, and its answer is on its way.
 */
export type Moment = 'commit' | 'synced' | 'arrived' | 'executed';

export class Strike {
  #moment: Moment | undefined;
  #act: () => void = () => undefined;

  /** At the next such moment; one that was to come is forgotten. */
  at(moment: Moment, act: () => void): void {
    this.#moment = moment;
    this.#act = act;
  }

  forget(): void {
    this.#moment = undefined;
  }

  reached(moment: Moment): void {
    if (this.#moment !== moment) return;
    this.#moment = undefined;
    this.#act();
  }
}
