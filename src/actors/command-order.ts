/**
 * Which of several commands on the strategies counts, where one takes its time and another comes
 * meanwhile: one at a time begins or ends a strategy, and a stop is a later word than every start
 * that was begun before it.
 */
import { QktError } from '../errors.ts';

export class CommandOrder {
  /** Names that a command is at work on which begins or ends a strategy. */
  readonly #busy = new Set<string>();
  /** Numbers of the last stops, by name, among all stops and kills. */
  readonly #stops = new Map<string, number>();
  #words = 0;
  #kill = 0;

  /** One at a time for each name. @throws QktError QKT_E_STATE while another is under way */
  async alone<T>(name: string, act: () => Promise<T>): Promise<T> {
    if (this.#busy.has(name))
      throw new QktError('QKT_E_STATE', `${name} is being deployed, started or removed by another command`);
    this.#busy.add(name);
    try {
      return await act();
    } finally {
      this.#busy.delete(name);
    }
  }

  /** What {@link isOverruled} wants of a command that begins now. */
  now(): number {
    return this.#words;
  }

  stopped(name: string): void {
    this.#stops.set(name, ++this.#words);
  }

  killed(): void {
    this.#kill = ++this.#words;
  }

  /** Was the strategy stopped, or everything killed, since a command was begun? */
  isOverruled(name: string, begun: number): boolean {
    return Math.max(this.#stops.get(name) ?? 0, this.#kill) > begun;
  }

  /** The strategy is gone. */
  forget(name: string): void {
    this.#stops.delete(name);
  }
}
