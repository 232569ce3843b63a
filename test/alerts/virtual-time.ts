/** Virtual time for a whole daemon: it stands still until all that a moment has set off, writes to the disk included, is done. */
import { VirtualClock } from '../../src/clock.ts';
import { MACHINE_DISK, type Disk } from '../../src/store/disk.ts';

/** Turns of the event loop after which a moment is over: a turn gathers what is to be written, the next one writes it. */
const TURNS = 3;
/** While something is waited for that needs both: virtual time that passes, and real time that it gets. */
const STEP_MS = 20;
const STEP_TAKES_MS = 2;
const ROOMY = 1e15;

const step = (): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), STEP_TAKES_MS));

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class VirtualTime {
  readonly clock: VirtualClock;
  /** The machine's, with room enough: it takes no virtual time to write. */
  readonly disk: Disk = {
    freeBytes: () => ROOMY,
    write: (transaction) => {
      const write = MACHINE_DISK.write(transaction).finally(() => this.#writes.delete(write));
      this.#writes.add(write);
      return write;
    },
  };
  readonly #writes = new Set<Promise<void>>();

  constructor(start: number) {
    this.clock = new VirtualClock(start);
  }

  /** Lets time pass, moment by moment. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (let due = this.clock.nextDue(); due <= end; due = this.clock.nextDue()) {
      this.clock.advanceTo(due);
      await this.#rest();
    }
    this.clock.setNow(end);
  }

  /** Lets time pass until something has come to its end. */
  async during<T>(underWay: Promise<T>): Promise<T> {
    const over = underWay.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([over, step()]))) await this.pass(STEP_MS);
    return underWay;
  }

  async #rest(): Promise<void> {
    for (let turns = 0; turns < TURNS; turns++) {
      await nextTurn();
      if (this.#writes.size === 0) continue;
      await Promise.allSettled(this.#writes);
      turns = -1;
    }
  }
}
