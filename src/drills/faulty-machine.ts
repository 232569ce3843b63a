/** The clock and the disk of a twin: the machine's own until a drill makes them fail. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { WallClock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { MACHINE_DISK, type Disk } from '../store/disk.ts';
import type { ToTwin } from './protocol.ts';

/** Shows another time of day than the machine; durations and timers go on as they were. */
export class JumpingClock extends WallClock {
  offsetMs = 0;

  override now(): EpochMs {
    return super.now() + this.offsetMs;
  }
}

/** A disk that holds the journal in `directory` and nothing else. */
export class FaultyDisk implements Disk {
  readonly #directory: string;
  /** All the bytes that there are; undefined while it is the machine's disk. */
  #capacity: number | undefined;
  #held: Promise<void> | undefined;
  #letGo: () => void = () => {};

  constructor(directory: string) {
    this.#directory = directory;
  }

  become(disk: Extract<ToTwin, { kind: 'disk' }>['disk']): void {
    this.#letGo();
    this.#held = disk === 'held' ? new Promise((resolve) => (this.#letGo = resolve)) : undefined;
    this.#capacity = disk === 'full' ? bytesIn(this.#directory) : undefined;
  }

  freeBytes(path: string): number {
    if (this.#capacity === undefined) return MACHINE_DISK.freeBytes(path);
    return Math.max(0, this.#capacity - bytesIn(this.#directory));
  }

  async write(transaction: () => Promise<void>): Promise<void> {
    await this.#held;
    await transaction();
  }
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + sizeOf(join(directory, name)), 0);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
