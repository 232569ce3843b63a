/** Readers of a real daemon that is killed and started again. `QKT_KILLS` sets how often: see docs/development.md. */
import { expect, it } from 'vitest';
import { TRADING_EVENT_TYPES, type EventType } from '../../src/domain/events.ts';
import { createPrng } from '../../src/domain/prng.ts';
import { poll } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { KilledDaemon, type Row } from '../recovery/killed-daemon.ts';
import { EventReader, type Item } from './reader.ts';

const KILLS = Math.ceil(Number(process.env['QKT_KILLS'] ?? 20) / 10);
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const TRADING = [...TRADING_EVENT_TYPES].join(',');

const isTrading = ({ type }: { readonly type: string }): boolean => TRADING_EVENT_TYPES.has(type as EventType);
const rows = (text: string): Row[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]));

/** Reads on, over every cut, until it is told to end. */
async function tireless(reader: EventReader, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await reader.read('ndjson', 2000).catch((error: NodeJS.ErrnoException) => {
      if (!['ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '')) throw error;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it(
  `readers go on where they were when a daemon is killed ${KILLS} times: every trading event once, all else stated`,
  { timeout: 120_000 + KILLS * 10_000 },
  async () => {
    const prng = createPrng(SEED);
    const daemon = new KilledDaemon();
    daemon.launch();
    await daemon.running();
    await daemon.deploy('busy');
    const [[, port]] = (await daemon.ports()) as [[string, number]];
    const got: Item[] = [];
    const reader = new EventReader(port, '', (item, { cursor }) => {
      const [from, to] = item.type === 'gap' ? [item.from!, item.to!] : [item.seq!, item.seq!];
      if (from !== cursor + 1 || to < from) throw new Error(`${item.type} ${from}-${to} after ${cursor}`);
      got.push(item);
    });
    let over = false;
    const reading = tireless(reader, () => over);
    const state = ['--state-dir', daemon.stateDir, '--json'];
    const own = new QktProcess('events', 'busy', '-f', '--types', TRADING, ...state);
    const all = new QktProcess('events', '-f', '--since', '0', '--types', TRADING, ...state);
    try {
      await Promise.all([own, all].map((following) => following.says(/(fill)/)));
      for (let kill = 0; kill < KILLS; kill++) {
        await daemon.up('busy');
        const before = reader.cursor;
        await poll('the reader to read', () => (reader.cursor > before ? true : undefined), 15_000);
        await new Promise((resolve) => setTimeout(resolve, 300 + prng.next() * 700));
        await daemon.kill();
        daemon.launch();
        await daemon.running();
      }
      await daemon.up('busy');
      const known = (await daemon.journal('busy')).length;
      const last = ({ stdout }: QktProcess): number => Number(rows(stdout).at(-1)?.['journalSeq'] ?? 0);
      await poll(
        'everybody to have read it',
        () => {
          const mine = got.findLast(isTrading)?.journalSeq ?? 0;
          return Math.min(mine, last(own), last(all)) >= known ? true : undefined;
        },
        20_000,
      );
    } catch (cause) {
      throw new Error(`QKT_SEED=${SEED}\n${own.stderr}\n${all.stderr}`, { cause });
    } finally {
      over = true;
      await Promise.all([reading, own.kill('SIGINT'), all.kill('SIGINT')]);
    }
    const journal = await daemon.journal('busy');
    await daemon.kill();
    for (const told of [got.filter(isTrading), rows(own.stdout), rows(all.stdout)])
      expect(told).toEqual(journal.slice(0, told.length));
    expect(got.some(({ type }) => type === 'gap')).toBe(true);
    const given = new Set(journal.map(({ seq }) => seq));
    for (const { type, from, to } of got)
      if (type === 'gap')
        for (const seq of given) expect((seq as number) >= from! && (seq as number) <= to!).toBe(false);
  },
);
