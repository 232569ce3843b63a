/** The lease of the state directory's disk: renewed by a small write that has reached it, with room left for the journal. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { LeaseView } from '../domain/views.ts';
import type { Disk } from '../store/disk.ts';
import { LEAST_FREE } from '../store/write-queue.ts';
import { DISK_LIMIT_MS, Lease } from './leases.ts';

const PROBE_EVERY_MS = 2_000;
const PROBE = Buffer.alloc(512, 1);

export class DiskLease {
  readonly #dir: string;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #disk: Disk;
  readonly #lease: Lease;
  #freeBytes: number | undefined;
  /** The write under way: one that hangs is not joined by others. */
  #probing: Promise<void> | undefined;

  /** @param dir the state directory */
  constructor(dir: string, clock: Clock, disk: Disk) {
    this.#dir = dir;
    this.#file = join(dir, 'disk-probe');
    this.#clock = clock;
    this.#disk = disk;
    this.#lease = new Lease('disk', DISK_LIMIT_MS, clock);
  }

  /** Begins to probe. @returns what ends it, and removes the file unless a write to it hangs. */
  start(): () => Promise<void> {
    const probe = (): void => {
      this.#probing ??= this.#probe().finally(() => (this.#probing = undefined));
    };
    probe();
    const stop = this.#clock.every(PROBE_EVERY_MS, probe);
    return async () => {
      stop();
      if (this.#probing === undefined) await rm(this.#file, { force: true }).catch(() => undefined);
    };
  }

  view(): LeaseView {
    return { ...this.#lease.view(), ...(this.#freeBytes !== undefined && { freeBytes: this.#freeBytes }) };
  }

  async #probe(): Promise<void> {
    try {
      this.#freeBytes = this.#disk.freeBytes(this.#dir);
      if (this.#freeBytes < LEAST_FREE) {
        this.#lease.fail(`${this.#freeBytes} bytes are free: the journal writes nothing with less than ${LEAST_FREE}`);
        return;
      }
      await this.#disk.write(() => this.#write());
      this.#lease.renew();
    } catch (error) {
      this.#lease.fail(error instanceof Error ? error.message : String(error));
    }
  }

  async #write(): Promise<void> {
    const file = await open(this.#file, 'w', 0o600);
    try {
      await file.write(PROBE);
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}
