/** A timer in a thread of its own that says how late it is: the machine's part in whatever is late beside it. */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { WallClock } from '../clock.ts';
import type { Late } from './lateness.ts';

const PERIOD_MS = 4;
/** Told together, so that telling costs next to nothing. */
const BATCH = 50;

export class Metronome {
  readonly late: Late[] = [];
  readonly #worker = new Worker(THREAD);

  constructor() {
    this.#worker.on('message', (late: readonly Late[]) => this.late.push(...late));
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Tests run from `src`; a thread needs compiled JavaScript, which is in `dist` then. */
const THREAD = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/drills/metronome.js', import.meta.url)
  : new URL(import.meta.url);

function beat(tell: (late: readonly Late[]) => void): void {
  const clock = new WallClock();
  let batch: Late[] = [];
  const arm = (): void => {
    const at = clock.now() + PERIOD_MS;
    const due = clock.monotonic() + PERIOD_MS;
    clock.at(at, () => {
      batch.push({ at, lateMs: clock.monotonic() - due });
      if (batch.length === BATCH) {
        tell(batch);
        batch = [];
      }
      arm();
    });
  };
  arm();
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
if (!isMainThread) beat((late) => parentPort?.postMessage(late));
