/**
 * The disk space of all logs together: when a file is rotated (size, day), how long rotated ones stay
 * (`keepDays`), and the cap on everything (`totalMB`). A file writes only what there is room for, so
 * the bounds hold in a burst as well; making room happens while its lines wait.
 *
 * Rotating is one rename. A file is compressed into a draft beside it, which takes the place of the
 * original only when it is complete and synced; a crash leaves a draft, which the next start removes.
 */
import { rename, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import {
  archivePath,
  asArchive,
  asLive,
  COMPRESSED,
  DAY_MS,
  DRAFT,
  namesIn,
  type LogArchive,
} from '../observe/log-archives.ts';
import { compress } from './compress.ts';
import { statOf } from './log-file-io.ts';

const MB = 1_000_000;
/** Room that is made at once, so that not every write has to ask for it. */
const STRIDE = 1024 * 1024;
/** How long a close waits for a file that is being compressed or removed. */
const CLOSE_WITHIN_MS = 1000;

/** A file that a log is written to. */
interface Live {
  size: number;
  /** Of its last line. */
  day: number;
}

/** A file that may be removed: a rotated one, or the log of a strategy that is gone. */
interface Kept extends Omit<LogArchive, 'number'> {
  path: string;
  size: number;
  /** Rotated; not the only log of its name. */
  readonly rotated: boolean;
  readonly mtimeMs: number;
}

export interface RoomAsked {
  readonly log: string;
  /** Of the live file, and what is open under it. */
  readonly path: string;
  readonly fd: number;
  /** Of what is to be written at least. */
  readonly bytes: number;
}

export class LogStore {
  readonly #dir: string;
  readonly #clock: Clock;
  #config: Config['logging'];
  readonly #live = new Map<string, Live>();
  /** Oldest first; none of them is known before the first look at the directory. */
  #kept: Kept[] | undefined;
  readonly #lastNumbers = new Map<string, number>();
  #cleanedOn = -1;
  readonly #end = new AbortController();
  /** One change of the directory at a time, and one file compressed at a time. */
  #changes: Promise<unknown> = Promise.resolve();
  #compressing: Promise<unknown> = Promise.resolve();

  constructor(dir: string, clock: Clock, config: Config['logging']) {
    this.#dir = dir;
    this.#clock = clock;
    this.#config = config;
  }

  /** A log is going to be opened: its file is not one to remove. */
  join(log: string): void {
    this.#live.set(log, { size: 0, day: this.#today });
    this.#kept = this.#kept?.filter((kept) => kept.log !== log || kept.rotated);
  }

  /** It is open. @param mtimeMs of what an earlier run left in it; else the file is as this run left it */
  opened(log: string, size: number, mtimeMs: number | undefined): void {
    const live = this.#live.get(log);
    if (live === undefined) return;
    live.size = size;
    if (mtimeMs !== undefined || size === 0) live.day = dayOf(mtimeMs ?? this.#clock.now());
  }

  /** So much of the room is going to be written: counted before, so that no two files take the same room. */
  take(log: string, bytes: number): void {
    const live = this.#live.get(log);
    if (live === undefined) return;
    live.size += bytes;
    live.day = this.#today;
  }

  /** It is closed for good: from now on its file may be removed when space is short. */
  leave(log: string, path: string): void {
    const live = this.#live.get(log);
    this.#live.delete(log);
    const mtimeMs = this.#clock.now();
    if (live !== undefined) this.#keep({ log, path, day: live.day, size: live.size, rotated: false, mtimeMs });
  }

  /** Bytes that a log may write before it has to ask for room. */
  room(log: string): number {
    const live = this.#live.get(log);
    if (live === undefined || this.#kept === undefined || this.#cleanedOn !== this.#today) return 0;
    if (live.size > 0 && live.day < this.#today) return 0;
    return Math.min(this.#fileLimit - live.size, this.#free);
  }

  /**
   * Rotates the file when that is due, and removes what has to go. Gives whether the file has to be
   * opened anew. @throws when the directory cannot be read or changed
   */
  makeRoom(asked: RoomAsked): Promise<boolean> {
    return this.#inOrder(async () => {
      if (this.#kept === undefined) await this.#look();
      const moved = await this.#rotate(asked);
      await this.#clean(asked.bytes);
      return moved;
    });
  }

  /** Other limits, in force at once. */
  configure(config: Config['logging']): void {
    this.#config = config;
    // What fails here is tried again with the next line.
    this.#cleanedOn = -1;
    if (this.#kept !== undefined) this.#inOrder(() => this.#clean(0)).catch(() => {});
  }

  /** Lets go of what is under way; a draft is removed now, or by the next start. */
  async close(): Promise<void> {
    this.#end.abort();
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.at(this.#clock.now() + CLOSE_WITHIN_MS, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      void Promise.all([this.#changes, this.#compressing]).then(done, done);
    });
  }

  get #today(): number {
    return dayOf(this.#clock.now());
  }

  /** Of one live file. Where many share a small cap it is less than configured: all live files, one draft and two rotated files always fit. */
  get #fileLimit(): number {
    return Math.min(this.#config.maxFileMB * MB, (this.#config.totalMB * MB) / (this.#live.size + 3));
  }

  /** What may be written in all; a draft may take as much as a file. */
  get #free(): number {
    const used = [...this.#live.values(), ...(this.#kept ?? [])].reduce((sum, { size }) => sum + size, 0);
    return this.#config.totalMB * MB - this.#fileLimit - used;
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changes.then(change);
    this.#changes = changed.catch(() => {});
    return changed;
  }

  /** Takes stock of what earlier runs left, and tidies up after one that was killed. */
  async #look(): Promise<void> {
    const names = await namesIn(this.#dir);
    const there = new Set(names);
    const found: Kept[] = [];
    for (const name of names) {
      const path = join(this.#dir, name);
      const superseded = asArchive(this.#dir, name) !== undefined && there.has(`${name}${COMPRESSED}`);
      if (superseded || (name.endsWith(DRAFT) && asArchive(this.#dir, name.slice(0, -DRAFT.length)) !== undefined)) {
        await unlink(path);
        continue;
      }
      const kept = await this.#asKept(name, path);
      if (kept !== undefined) found.push(kept);
    }
    this.#kept = [];
    for (const kept of found) if (kept.rotated || !this.#live.has(kept.log)) this.#keep(kept);
    for (const kept of found) if (kept.rotated && !kept.path.endsWith(COMPRESSED)) this.#compress(kept);
  }

  async #asKept(name: string, path: string): Promise<Kept | undefined> {
    const archive = asArchive(this.#dir, name);
    const log = archive?.log ?? asLive(name);
    if (log === undefined || (archive === undefined && this.#live.has(log))) return undefined;
    const { size, mtimeMs } = await stat(path);
    if (archive !== undefined) this.#lastNumbers.set(log, Math.max(archive.number, this.#lastNumbers.get(log) ?? 0));
    return { log, path, day: archive?.day ?? dayOf(mtimeMs), size, mtimeMs, rotated: archive !== undefined };
  }

  async #rotate({ log, path, fd, bytes }: RoomAsked): Promise<boolean> {
    const live = this.#live.get(log);
    const held = await statOf(fd);
    // A device or a pipe that somebody put there cannot be rotated.
    if (live === undefined || !held.isFile()) return false;
    live.size = held.size;
    const named = await stat(path).catch(() => undefined);
    if (named?.ino !== held.ino || named.dev !== held.dev) return true;
    const due = live.day < this.#today || live.size + bytes > this.#fileLimit;
    if (live.size === 0 || !due) return false;
    const number = (this.#lastNumbers.get(log) ?? 0) + 1;
    const rotated = archivePath(path, live.day, number);
    await rename(path, rotated);
    this.#lastNumbers.set(log, number);
    const kept = { log, path: rotated, day: live.day, size: live.size, rotated: true, mtimeMs: held.mtimeMs };
    live.size = 0;
    this.#keep(kept);
    this.#compress(kept);
    return true;
  }

  async #clean(bytes: number): Promise<void> {
    const wanted = Math.max(bytes, Math.min(STRIDE, this.#fileLimit));
    const eldest = this.#today - this.#config.keepDays;
    for (let oldest = this.#kept?.[0]; oldest !== undefined; oldest = this.#kept?.[0]) {
      if (!(oldest.rotated && oldest.day < eldest) && this.#free >= wanted) break;
      await unlink(oldest.path).catch(ignoreMissing);
      this.#kept = this.#kept?.filter((kept) => kept !== oldest);
    }
    this.#cleanedOn = this.#today;
  }

  /** Rotated files go before the last log of a strategy that is gone; each oldest first. */
  #keep(kept: Kept): void {
    this.#kept?.push(kept);
    this.#kept?.sort((a, b) => Number(b.rotated) - Number(a.rotated) || a.day - b.day || a.mtimeMs - b.mtimeMs);
  }

  /** What cannot be compressed now stays as it is until the next start. */
  #compress(kept: Kept): void {
    const draft = `${kept.path}${DRAFT}`;
    const gone = (): Promise<void> => unlink(draft).catch(() => {});
    this.#compressing = this.#compressing.then(async () => {
      if (this.#end.signal.aborted || this.#kept?.includes(kept) !== true) return;
      try {
        const size = await compress(kept.path, draft, this.#end.signal);
        await this.#inOrder(() => this.#replace(kept, draft, size));
      } catch {
        await gone();
      }
    });
  }

  async #replace(kept: Kept, draft: string, size: number): Promise<void> {
    if (this.#kept?.includes(kept) !== true) throw new Error(`${basename(kept.path)} was removed meanwhile`);
    const original = kept.path;
    await rename(draft, `${original}${COMPRESSED}`);
    kept.path = `${original}${COMPRESSED}`;
    kept.size = size;
    await unlink(original).catch(ignoreMissing);
  }
}

const dayOf = (time: number): number => Math.floor(time / DAY_MS);

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
