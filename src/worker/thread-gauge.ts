/**
 * What a strategy's thread writes down of itself. The daemon reads it while the author's code has the thread,
 * so it is shared memory: nothing has to answer.
 */

const FIELDS = ['threadId', 'beats', 'heapKb', 'heldKb', 'outsideKb'] as const;
type Field = (typeof FIELDS)[number];

/** What a thread uses, in bytes. */
export interface ThreadMemory {
  /** Of its JavaScript heap. */
  readonly heap: number;
  /** What the system has given that heap. */
  readonly held: number;
  /** Beside its heap: buffers. */
  readonly outside: number;
}

const KB = 2 ** 10;

export class ThreadGauge {
  /** Given to the thread as it is started. */
  readonly shared: Int32Array<SharedArrayBuffer>;

  constructor(shared = new Int32Array(new SharedArrayBuffer(FIELDS.length * Int32Array.BYTES_PER_ELEMENT))) {
    this.shared = shared;
  }

  /** The thread's number for the kernel; 0 as long as it has not started, and where the system does not tell. */
  get threadId(): number {
    return this.#get('threadId');
  }

  set threadId(id: number) {
    this.#set('threadId', id);
  }

  /** How often the thread has come round to writing down its memory. */
  get beats(): number {
    return this.#get('beats');
  }

  /** As of the last beat. */
  get memory(): ThreadMemory {
    return { heap: this.#get('heapKb') * KB, held: this.#get('heldKb') * KB, outside: this.#get('outsideKb') * KB };
  }

  beat({ heap, held, outside }: ThreadMemory): void {
    this.#set('heapKb', heap / KB);
    this.#set('heldKb', held / KB);
    this.#set('outsideKb', outside / KB);
    this.#set('beats', this.beats + 1);
  }

  #get(field: Field): number {
    return Atomics.load(this.shared, FIELDS.indexOf(field));
  }

  #set(field: Field, value: number): void {
    Atomics.store(this.shared, FIELDS.indexOf(field), Math.round(value));
  }
}
