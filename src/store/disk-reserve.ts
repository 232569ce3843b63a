/**
 * Space on the disk that is taken in good times, so that halts and cancels can still be written when
 * it is full. A file of incompressible bytes; letting it go gives its blocks to LMDB's file.
 */
import { randomFillSync } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MACHINE_DISK, type Disk } from './disk.ts';

const CHUNK = 1024 * 1024;
const LEFT_TO_OTHERS = 1024 * 1024;

export class DiskReserve {
  readonly bytes: number;
  readonly #file: string;
  readonly #disk: Disk;
  #held: boolean;

  constructor(file: string, bytes: number, disk: Disk = MACHINE_DISK) {
    this.#file = file;
    this.#disk = disk;
    this.bytes = bytes;
    this.#held = sizeOf(file) === bytes;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Takes the space if it is not taken, and if that leaves some. @returns whether it is taken now. */
  async take(): Promise<boolean> {
    if (this.#held) return true;
    if (this.free() < this.bytes + LEFT_TO_OTHERS) return false;
    try {
      await fill(this.#file, this.bytes);
      this.#held = true;
    } catch {
      await rm(this.#file, { force: true }).catch(() => {});
    }
    return this.#held;
  }

  release(): void {
    this.#held = false;
    rmSync(this.#file, { force: true });
  }

  /** Bytes that this user can still take on the disk; 0 when the system does not say. */
  free(): number {
    try {
      return this.#disk.freeBytes(dirname(this.#file));
    } catch {
      return 0;
    }
  }
}

/** `undefined` when there is no such file, or no way to it. */
function sizeOf(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch {
    return undefined;
  }
}

async function fill(path: string, bytes: number): Promise<void> {
  const noise = randomFillSync(Buffer.allocUnsafe(Math.min(CHUNK, bytes)));
  const file = await open(path, 'w', 0o600);
  try {
    for (let left = bytes; left > 0; left -= CHUNK) await file.writeFile(noise.subarray(0, left));
  } finally {
    await file.close();
  }
}
