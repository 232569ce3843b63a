/**
 * Messages on a pipe between the daemon and a strategy's process: four bytes of length, then the
 * message as V8 writes it. Node's own channel throws where nothing can catch it when something else
 * comes along, and the author's code can write to it as well.
 */
import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

const HEAD = 4;

/** The pipe to the daemon, as the strategy's process finds it. */
export const CHANNEL_FD = 3;

export interface FrameListener {
  readonly hear: (message: unknown) => void;
  /** What came is no message: nothing after it can be read. Told once. */
  readonly broken: (error: unknown) => void;
}

/** One message, ready to be written. */
export function frameOf(message: unknown): Buffer {
  const body = serialize(message);
  const frame = Buffer.allocUnsafe(HEAD + body.length);
  frame.writeUInt32LE(body.length);
  body.copy(frame, HEAD);
  return frame;
}

/** Reads messages from a pipe. @param maxBytes of one message */
export function readFrames(pipe: Duplex, maxBytes: number, { hear, broken }: FrameListener): void {
  const reader = new FrameReader(maxBytes);
  const read = (piece: Buffer): void => {
    try {
      for (const message of reader.read(piece)) hear(message);
    } catch (error) {
      pipe.off('data', read);
      pipe.resume();
      broken(error);
    }
  };
  pipe.on('data', read);
}

class FrameReader {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Bytes of the next message, its head included; of the head alone as long as that is not there. */
  #wanted = HEAD;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are whole with this piece. @throws Error for what is none */
  *read(piece: Buffer): Generator {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    while (this.#bytes >= this.#wanted) {
      const all = Buffer.concat(this.#pieces);
      this.#pieces = [all];
      if (this.#wanted === HEAD) this.#wanted += this.#lengthIn(all);
      if (this.#bytes < this.#wanted) return;
      const body = all.subarray(HEAD, this.#wanted);
      this.#pieces = [all.subarray(this.#wanted)];
      this.#bytes -= this.#wanted;
      this.#wanted = HEAD;
      yield deserialize(body);
    }
  }

  #lengthIn(head: Buffer): number {
    const length = head.readUInt32LE();
    if (length > 0 && length <= this.#maxBytes) return length;
    throw new Error(`a message of ${length} bytes`);
  }
}
