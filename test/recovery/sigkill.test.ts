/** Real SIGKILLs of a real daemon. `QKT_KILLS` sets how many: see docs/development.md. */
import { expect, it } from 'vitest';
import { createPrng } from '../../src/domain/prng.ts';
import { KilledDaemon, type Row } from './killed-daemon.ts';

const KILLS = Number(process.env['QKT_KILLS'] ?? 20);
/** The same in every `npm test`; the campaign draws its own. */
const SEED = Number(process.env['QKT_SEED'] ?? 103);
const NAMES = ['busy', 'stacker'];

/** What a stranger has seen of a strategy. */
interface Seen {
  readonly status: Row;
  readonly fills: ReadonlySet<string>;
}

/** When a kill comes is the point of it: nothing is waited for. */
const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function look(daemon: KilledDaemon, name: string): Promise<Seen> {
  const fills = await daemon.events(name, 'types=fill');
  const status = await daemon.status(name);
  const told = (status['trades'] as Row[]).map(({ id }) => id as string);
  return { status, fills: new Set([...fills.map(({ fillId }) => fillId as string), ...told]) };
}

const layersOf = (status: Row): unknown =>
  (status['pendingStackLayers'] as Row[]).map(({ layer, level }) => ({ layer, level }));
const protectedBy = (status: Row): unknown =>
  (status['orders'] as Row[])
    .filter(({ role }) => role === 'stopLoss')
    .map(({ id, price, qty }) => ({ id, price, qty }));
const causesOf = (status: Row): unknown =>
  ((status['riskState'] as Row)['causes'] as Row[]).map(({ causeId, rule, reason, since }) => ({
    causeId,
    rule,
    reason,
    since,
  }));

/** Holds a restarted strategy to what was seen of it, and its figures to its journal. */
async function judge(daemon: KilledDaemon, name: string, before: Seen | undefined): Promise<void> {
  const status = await daemon.up(name);
  const journal = await daemon.journal(name);
  expect(journal.map(({ journalSeq }) => journalSeq)).toEqual(journal.map((_, index) => index + 1));
  const numbers = journal.map(({ seq }) => seq as number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  const fills = journal.filter(({ type }) => type === 'fill');
  const ids = new Set(fills.map(({ fillId }) => fillId as string));
  expect(ids.size).toBe(fills.length);
  const sent = journal
    .filter(({ type, status: to }) => type === 'order' && to === 'submitted')
    .map(({ orderId }) => orderId);
  expect(new Set(sent).size).toBe(sent.length);
  const counted = fills.slice(0, status['tradesTotal'] as number);
  expect(counted).toHaveLength(status['tradesTotal'] as number);
  expect(status['realized']).toBeCloseTo(
    counted.reduce((sum, { realized }) => sum + (realized as number), 0),
    6,
  );
  if (before === undefined) return;

  const { status: was } = before;
  for (const id of before.fills) expect(ids, 'a fill that was shown').toContain(id);
  expect(status['tradesTotal']).toBeGreaterThanOrEqual(was['tradesTotal'] as number);
  expect(status['seq']).toBeGreaterThan(was['seq'] as number);
  expect(causesOf(status)).toEqual(causesOf(was));
  expect((await daemon.events(name, 'types=halt')).filter(({ restored }) => restored === true)).toHaveLength(
    (causesOf(was) as unknown[]).length,
  );
  if (name !== 'stacker') return;
  expect(layersOf(status)).toEqual(layersOf(was));
  expect(protectedBy(status)).toEqual(protectedBy(was));
}

it(
  `a daemon that is killed ${KILLS} times loses nothing that it has shown`,
  { timeout: 60_000 + KILLS * 5000 },
  async () => {
    const prng = createPrng(SEED);
    const below = (n: number): number => Math.floor(prng.next() * n);
    const daemon = new KilledDaemon();
    let ports: Awaited<ReturnType<KilledDaemon['ports']>> | undefined;
    let seen: ReadonlyMap<string, Seen> = new Map();
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        daemon.launch();
        // Every fifth kill comes while it starts or recovers.
        if (kill % 5 === 4) {
          await pass(300 + below(1200));
          await daemon.kill();
          continue;
        }
        await daemon.running();
        if (kill === 0) for (const name of NAMES) await daemon.deploy(name);
        await Promise.all(NAMES.map((name) => judge(daemon, name, seen.get(name))));
        ports ??= await daemon.ports();
        expect(await daemon.ports()).toEqual(ports);
        await operate(daemon, kill % 5);
        await pass(100 + below(600));
        seen = new Map(await Promise.all(NAMES.map(async (name) => [name, await look(daemon, name)] as const)));
        await daemon.kill();
      }
      daemon.launch();
      await daemon.running();
      await Promise.all(NAMES.map((name) => judge(daemon, name, seen.get(name))));
      expect(seen.get('busy')!.status['tradesTotal'] as number).toBeGreaterThan(2 * KILLS);
      expect(layersOf(seen.get('stacker')!.status)).toHaveLength(2);
    } catch (cause) {
      throw new Error(`QKT_SEED=${SEED}`, { cause });
    } finally {
      await daemon.kill();
    }
  },
);

/** Halts it for two lives of five. */
async function operate(daemon: KilledDaemon, life: number): Promise<void> {
  const path = '/daemon/strategies/busy';
  if (life === 1) await daemon.post(`${path}/halt`, { reason: 'a look at it' });
  if (life === 3) await daemon.post(`${path}/resume`, { reason: 'looked at it' });
  if (life === 1 || life === 2) expect(await daemon.status('busy')).toMatchObject({ state: 'halted' });
}
