/** The lease of the state directory's disk: renewed by a small write that has reached it, with room left for the journal. */
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../clock.ts';
import type { LeaseView } from '../domain/health-views.ts';
import type { Disk } from '../store/disk.ts';
import { LEAST_FREE } from '../store/write-queue.ts';
import { DISK_LIMIT_MS, Lease } from './leases.ts';

const PROBE_EVERY_MS = 2_000;
const PROBE = Buffer.alloc(512, 1);

export class DiskLease {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #disk: Disk;
  readonly #lease: Lease;
  #freeBytes: number | undefined;
  /** What is written to; it has no name any more, so that nothing of it is left behind. */
  #file: FileHandle | undefined;
  /** The write under way: one that hangs is not joined by others. */
  #probing: Promise<void> | undefined;

  /** @param dir the state directory */
  constructor(dir: string, clock: Clock, disk: Disk) {
    this.#dir = dir;
    this.#clock = clock;
    this.#disk = disk;
    this.#lease = new Lease('disk', DISK_LIMIT_MS, clock);
  }

  /** Begins to probe. */
  start(): Cancel {
    const probe = (): void => {
      this.#probing ??= this.#probe().finally(() => (this.#probing = undefined));
    };
    probe();
    const stop = this.#clock.every(PROBE_EVERY_MS, probe);
    return () => {
      stop();
      // A write that hangs is not waited for.
      void Promise.resolve(this.#probing).then(() => this.#close());
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
    this.#file ??= await openNameless(join(this.#dir, 'disk-probe'));
    try {
      await this.#file.write(PROBE, 0, PROBE.length, 0);
      await this.#file.datasync();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}

async function openNameless(path: string): Promise<FileHandle> {
  const file = await open(path, 'w', 0o600);
  await unlink(path);
  return file;
}
