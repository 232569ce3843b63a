/** Many events, many readers that come and go. `QKT_EVENTS` sets how many events: see docs/development.md. */
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import { describe, expect, it } from 'vitest';
import { RawConnection } from '../http/support.ts';
import { Journals } from '../store/journal-fixture.ts';
import { bar, fill, lifecycle } from './bodies.ts';
import { EventReader, FORMS, type Item } from './reader.ts';
import { EventScene } from './scene.ts';

const EVENTS = Number(process.env['QKT_EVENTS'] ?? 100_000);
const CAMPAIGN = process.env['QKT_EVENTS'] !== undefined;
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const READERS = 20;
/** Of those the readers that want fills alone. */
const FILL_READERS = 5;
/** Events that the strategy makes before others have their turn. */
const BURST = 250;
const PAUSE_EVERY = 10;

const journals = new Journals();
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Kinds by number, from 1: what a reader must have got. */
class Record {
  readonly #fills = new Set<number>();
  last = 0;

  /** One event in twenty is a fill, some are bars and states, the others ticks. */
  async pump(scene: EventScene, count: number, prng: Prng): Promise<void> {
    for (let done = 0; done < count;) {
      for (let i = 0; i < BURST && done < count; i++, done++) this.#one(scene, prng.next());
      await (Math.floor(done / BURST) % PAUSE_EVERY === 0 ? scene.settle().then(() => pass(1)) : turn());
    }
    await scene.settle();
    this.last = scene.rings.given();
  }

  #one(scene: EventScene, dice: number): void {
    const seq = scene.rings.given() + 1;
    if (dice < 0.05) {
      this.#fills.add(seq);
      scene.record(fill(`f${seq}`), seq);
    } else if (dice < 0.06) scene.record(bar(), seq);
    else if (dice < 0.07) scene.record(lifecycle('x'), seq);
    else scene.rings.tick(seq, 'EURUSD', 1.1, 1.1001);
  }

  get fills(): number {
    return this.#fills.size;
  }

  isFill(seq: number): boolean {
    return this.#fills.has(seq);
  }

  /** Every item begins right after what was read before: no hole, no repetition, no disorder; and no gap holds a fill. */
  accounts = (item: Item, { cursor }: EventReader): void => {
    const { type, seq } = item;
    // A change of state has its own `from` and `to`.
    const [from, to] = type === 'gap' ? [item.from!, item.to!] : [seq!, seq!];
    if (from !== cursor + 1 || to < from) throw new Error(`${type} ${from}-${to} after ${cursor}`);
    if (type !== 'gap' && (type === 'fill') !== this.isFill(from)) throw new Error(`${from} was no ${type}`);
    if (type !== 'gap') return;
    for (let n = from; n <= to; n++) if (this.isFill(n)) throw new Error(`the fill ${n} is in the gap ${from}-${to}`);
  };

  /** Fills one after the other, none missing: their places in the journal follow on each other. */
  fillsInOrder = (item: Item, reader: EventReader): void => {
    if (item.type !== 'fill' || item.journalSeq !== reader.events + 1)
      throw new Error(`${item.type} ${item.seq} (${item.journalSeq}) after ${reader.events} fills`);
  };
}

/** Comes and goes until it has read everything there will be. */
async function restless(reader: EventReader, prng: Prng, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    const form = FORMS[Math.floor(prng.next() * FORMS.length)]!;
    await reader.read(form, 1 + Math.floor(prng.next() ** 3 * 3000));
    await pass(prng.next() ** 4 * 200);
  }
}

it(
  `${READERS} readers that come and go miss nothing of ${EVENTS} events that a gap does not state, and no fill at all`,
  { timeout: 60_000 + EVENTS },
  async () => {
    const scene = await EventScene.open(journals);
    const record = new Record();
    /** Numbers and fills that everybody must have, once all is over. */
    let end: { readonly seq: number; readonly fills: number } | undefined;
    const wantsFills = (index: number): boolean => index < FILL_READERS;
    const readers = Array.from({ length: READERS }, (_, index) =>
      wantsFills(index)
        ? new EventReader(scene.port, '&types=fill', record.fillsInOrder)
        : new EventReader(scene.port, '', record.accounts),
    );
    const reading = readers.map((reader, index) =>
      restless(reader, createPrng(SEED + index), () => {
        if (end === undefined) return false;
        return wantsFills(index) ? reader.events >= end.fills : reader.cursor >= end.seq;
      }),
    );
    const readingStill = new Set(readers);
    const all = Promise.all(reading.map((one, index) => one.then(() => readingStill.delete(readers[index]!))));
    all.catch(() => readingStill.clear());
    await record.pump(scene, EVENTS, createPrng(SEED));
    end = { seq: scene.rings.given(), fills: record.fills };
    // Life goes on, so that whoever waits for something newer hears of it.
    for (const prng = createPrng(SEED); readingStill.size > 0; await pass(5)) await record.pump(scene, 20, prng);
    await all.catch((cause: unknown) => {
      throw new Error(`QKT_SEED=${SEED}`, { cause });
    });
    const sum = (count: (reader: EventReader) => number): number =>
      readers.reduce((total, reader) => total + count(reader), 0);
    expect(sum(({ connections }) => connections)).toBeGreaterThan(2 * READERS);
    expect(sum(({ gaps }) => gaps)).toBeGreaterThan(0);
    if (CAMPAIGN)
      console.info(
        `${scene.rings.given()} events, ${record.fills} fills; ${READERS} readers: ` +
          `${sum(({ events }) => events)} events, ${sum(({ gaps }) => gaps)} gaps, ` +
          `${sum(({ connections }) => connections)} connections`,
      );
  },
);

describe('readers that are stuck', () => {
  const pump = (scene: EventScene, events: number): Promise<void> => new Record().pump(scene, events, createPrng(SEED));

  /** Counts how often a scene's events are read from. */
  function counting({ events: { source } }: EventScene): () => number {
    let reads = 0;
    const read = source.read.bind(source);
    Object.assign(source, { read: (...args: Parameters<typeof read>) => ((reads += 1), read(...args)) });
    return () => reads;
  }

  /** Readers that ask and then do not read, once the system takes nothing more for them. */
  async function stuckReaders(scene: EventScene, count: number, reads: () => number): Promise<RawConnection[]> {
    const readers = Array.from({ length: count }, () => new RawConnection(scene.port));
    for (const reader of readers) {
      reader.send(`GET /events?follow=true HTTP/1.1\r\nHost: 127.0.0.1:${scene.port}\r\n\r\n`);
      await reader.status();
      reader.socket.pause();
    }
    // Their share of a busy main thread may come late: one quiet round is not yet the end.
    for (let quiet = 0, before = reads(); quiet < 3; before = reads()) {
      await pump(scene, 20_000);
      await pass(300);
      quiet = reads() === before ? quiet + 1 : 0;
    }
    return readers;
  }

  it('are not read for: what the strategy does brings no work for them', { timeout: 120_000 }, async () => {
    const scene = await EventScene.open(journals);
    const reads = counting(scene);
    const readers = await stuckReaders(scene, 4, reads);
    // The system may take a little more for one of them late, of its own accord: not with every round of work.
    const brought: number[] = [];
    for (let round = 0; round < 5; round++) {
      const before = reads();
      await pump(scene, 4_000);
      brought.push(reads() - before);
    }
    expect(brought.toSorted((a, b) => a - b)[2]).toBe(0);
    for (const { socket } of readers) socket.destroy();
  });

  it.runIf(CAMPAIGN)('leave the work of the strategy as it is', { timeout: 600_000 }, async () => {
    const scene = await EventScene.open(journals);
    const reads = counting(scene);
    const events = Math.max(20_000, EVENTS / 10);
    /** Processor time of this process: what other programs do on the machine is not in it. */
    const work = async (): Promise<number> => {
      const before = process.cpuUsage();
      await pump(scene, events);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await work();
    const ratios: number[] = [];
    for (let round = 0; round < 7; round++) {
      const alone = await work();
      const readers = await stuckReaders(scene, 10, reads);
      ratios.push((await work()) / alone);
      for (const { socket } of readers) socket.destroy();
      await pass(100);
    }
    ratios.sort((a, b) => a - b);
    console.info(`work with 10 stuck readers / without: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`);
    expect(ratios[3]).toBeLessThan(1.2);
  });
});
