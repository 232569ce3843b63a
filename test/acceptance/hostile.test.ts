/**
 * Everything that an author's code can do to itself, in real threads of one daemon: each is one
 * strategy's loss with its cause, and nobody else's trouble.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LossCause, LossView } from '../../src/domain/loss-views.ts';
import { poll } from '../doubles/daemon.ts';
import { holder, Scene, type Deployed } from './trading-scene.ts';

interface Misdeed {
  readonly does: string;
  /** Callbacks of the strategy. */
  readonly callbacks: string;
  /** At the top of the file, and in `create`. */
  readonly top?: string;
  readonly create?: string;
  readonly cause: LossCause;
  readonly detail: RegExp;
}

const boom = `throw new Error('boom')`;
/** Once, in the third tick: a strategy that is restarted does it again. */
const inTick = (body: string): string => `onTick(tick, ctx) { ticks += 1; if (ticks === 3) { ${body} } },`;

const MISDEEDS: readonly Misdeed[] = [
  { does: 'throws in onTick', callbacks: inTick(boom), cause: 'threw', detail: /:\d+:\d+: boom$/ },
  { does: 'throws in onBar', callbacks: `onBar() { ${boom} },`, cause: 'threw', detail: /boom/ },
  {
    does: 'throws in onFill',
    callbacks: `${inTick(`ctx.buy('eur', { qty: 1 });`)} onFill() { ${boom} },`,
    cause: 'threw',
    detail: /boom/,
  },
  {
    does: 'throws in onReject',
    callbacks: `${inTick(`ctx.buy('eur', { qty: 1e6 });`)} onReject() { ${boom} },`,
    cause: 'threw',
    detail: /boom/,
  },
  { does: 'throws in onTimer', callbacks: `onTimer() { ${boom} },`, cause: 'threw', detail: /boom/ },
  {
    does: 'throws in a timer of its own',
    callbacks: inTick(`setTimeout(() => { ${boom}; }, 1);`),
    cause: 'threw',
    detail: /boom/,
  },
  {
    does: 'leaves a rejection behind',
    callbacks: inTick(`void Promise.reject(new Error('boom'));`),
    cause: 'rejected',
    detail: /boom/,
  },
  {
    does: 'rejects with nothing',
    callbacks: inTick('void Promise.reject();'),
    cause: 'rejected',
    detail: /undefined/,
  },
  {
    does: 'returns a promise',
    callbacks: `async onTick() {},`,
    cause: 'threw',
    detail: /onTick returned a promise/,
  },
  { does: 'throws null', callbacks: inTick('throw null;'), cause: 'threw', detail: /threw null/ },
  {
    does: 'throws what throws when it is read',
    callbacks: inTick('throw { get message() { throw 1; }, get stack() { throw 2; }, toString() { throw 3; } };'),
    cause: 'threw',
    detail: /./,
  },
  {
    does: 'throws an error whose own members throw',
    callbacks: inTick(
      `const e = new Error('x'); for (const k of ['message', 'stack', 'name', 'code']) Object.defineProperty(e, k, { get() { throw 1; } }); throw e;`,
    ),
    cause: 'threw',
    detail: /./,
  },
  {
    does: 'throws a proxy that throws at every touch',
    callbacks: inTick(
      `const no = () => { throw 1; }; throw new Proxy({}, { get: no, has: no, getPrototypeOf: no, ownKeys: no });`,
    ),
    cause: 'threw',
    detail: /./,
  },
  {
    does: 'calls itself without end',
    callbacks: inTick('const f = () => f() + 1; f();'),
    cause: 'threw',
    detail: /Maximum call stack/,
  },
  { does: 'calls process.exit', callbacks: inTick('process.exit(7);'), cause: 'exited', detail: /process\.exit\(7\)/ },
  {
    does: 'calls process.exit later',
    callbacks: inTick('setTimeout(() => process.exit(0), 1);'),
    cause: 'exited',
    detail: /process\.exit\(0\)/,
  },
  { does: 'calls process.abort', callbacks: inTick('process.abort();'), cause: 'threw', detail: /process\.abort/ },
  {
    does: 'calls process.chdir',
    callbacks: inTick(`process.chdir('/');`),
    cause: 'threw',
    detail: /process\.chdir/,
  },
  {
    does: 'runs out of memory',
    callbacks: inTick('const all = []; for (;;) all.push(new Array(1e5).fill(ticks));'),
    cause: 'outOfMemory',
    detail: /memory/,
  },
  {
    does: 'takes away what listens for its throws, and throws',
    callbacks: inTick(`process.removeAllListeners(); setTimeout(() => { ${boom}; }, 1);`),
    cause: 'died',
    detail: /boom/,
  },
  {
    does: 'waits for ever',
    callbacks: inTick('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'),
    cause: 'idle',
    detail: /no turn finished for \d+ ms, thread \d+ % busy/,
  },
  {
    does: 'spins',
    callbacks: inTick('for (;;);'),
    cause: 'spinning',
    detail: /no turn finished for \d+ ms, thread \d+ % busy/,
  },
];

const source = (name: string, { callbacks, top = '', create = '' }: Partial<Misdeed>): string => `
import { defineStrategy } from 'qkt';
${top}
export default defineStrategy({
  name: '${name}',
  streams: { eur: { symbol: 'EURUSD', bars: '1s' } },
  timers: { often: { every: '1s' } },
  risk: { gate: { maxOrderQty: 100 } },
  create() {
    let ticks = 0;
    ${create}
    return { ${callbacks} };
  },
});
`;

const HANGS: ReadonlySet<string> = new Set(['spinning', 'idle']);

interface Told {
  readonly cause: string;
  readonly detail: string;
}

/** What became of it first, once the daemon has seen it. A hang is told while it lasts, before it is a loss. */
const firstLoss = (strategy: Deployed, hangs: boolean): Promise<Told> =>
  poll(
    `the loss of ${strategy.name}`,
    async () => {
      if (hangs) return firstHang(strategy);
      const { losses } = (await strategy.status()) as { losses: readonly LossView[] };
      return losses[0] === undefined ? undefined : { cause: losses[0].cause, detail: losses[0].detail };
    },
    60_000,
  );

async function firstHang(strategy: Deployed): Promise<Told | undefined> {
  const lines = (await strategy.get('/events?types=lifecycle')).text.split('\n').filter((line) => line !== '');
  const events = lines.map((line) => JSON.parse(line) as { to: string; loss?: string; detail?: string });
  const hang = events.find(({ to }) => to === 'unresponsive');
  return hang === undefined ? undefined : { cause: hang.loss!, detail: hang.detail! };
}

describe('code that', () => {
  const strategies = new Map<string, Deployed>();
  let scene: Scene;
  let good: Deployed;

  beforeAll(async () => {
    const cleanups: (() => unknown)[] = [];
    const atEnd = ((cleanup: () => unknown) => void cleanups.push(cleanup)) as never;
    scene = await Scene.open({ atEnd });
    good = await scene.deploy('good', holder('good'));
    for (const [n, misdeed] of MISDEEDS.entries())
      strategies.set(misdeed.does, await scene.deploy(`m${n}`, source(`m${n}`, misdeed)));
    scene.daemon.openMarkets();
    return async () => {
      for (const cleanup of cleanups) await cleanup();
    };
  }, 120_000);

  it.each(MISDEEDS.map((misdeed) => [misdeed.does, misdeed.cause, misdeed] as const))(
    '%s is lost as %s',
    { timeout: 90_000 },
    async (does, cause, { detail }) => {
      const strategy = strategies.get(does)!;
      expect(await firstLoss(strategy, HANGS.has(cause))).toEqual({
        cause,
        detail: expect.stringMatching(detail) as string,
      });
      // Its health while it lasts is a matter of `hanging.test.ts`: by now it may have been started again.
      if (HANGS.has(cause)) return;
      const { losses } = (await strategy.status()) as { losses: readonly LossView[] };
      const code = expect.stringMatching(/^QKT_E_/) as string;
      expect(losses[0]).toMatchObject({ cause, detail: expect.stringMatching(detail) as string, error: { code } });
      // It may have been lost again meanwhile.
      const machine = (await strategy.get('/machine')).json() as { losses: readonly LossView[] };
      expect(machine.losses[0]).toMatchObject({ ts: losses[0]!.ts, cause });
    },
  );

  it('does any of it leaves the others alone', async () => {
    for (const { does, cause } of MISDEEDS) await firstLoss(strategies.get(does)!, HANGS.has(cause));
    expect(await good.status()).toMatchObject({ state: 'trading', restarts: 0, losses: [] });
    // All this at once may take all processors for a while.
    for (const health of [() => good.get('/health'), () => scene.daemon.get('/daemon/health')])
      await poll('health', async () => ((await health()).status === 200 ? true : undefined), 30_000);
  }, 90_000);
});

describe('a deploy of code that', () => {
  it.each([
    ['throws at the top of its file', { top: boom }, 'QKT_E_STRATEGY_LOAD', /boom/],
    ['throws in create', { create: boom }, 'QKT_E_STRATEGY_LOAD', /boom/],
    ['throws null at the top of its file', { top: 'throw null;' }, 'QKT_E_STRATEGY_LOAD', /null/],
    ['ends its thread at the top of its file', { top: 'process.exit(3);' }, 'QKT_E_WORKER_EXIT', /process\.exit\(3\)/],
    ['ends its thread in create', { create: 'process.exit(3);' }, 'QKT_E_WORKER_EXIT', /process\.exit\(3\)/],
    ['calls itself without end in create', { create: 'const f = () => f() + 1; f();' }, 'QKT_E_STRATEGY_LOAD', /stack/],
  ])('%s is refused, and leaves nothing behind', async (_, parts, code, message) => {
    const scene = await Scene.open();
    const file = scene.daemon.write('bad.ts', source('bad', { callbacks: '', ...parts }));
    const answer = await scene.daemon.deploy(file);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.json()).toMatchObject({ code, detail: expect.stringMatching(message) as string });
    expect(JSON.parse((await scene.daemon.get('/daemon/list')).text)).toEqual([]);
  });
});

/** Within its own thread everybody may break what he likes. */
const SABOTAGE = `
const nothing = () => undefined;
for (const type of [Array, Map, Set, Promise, String, Number, Error, Function])
  for (const name of Object.getOwnPropertyNames(type.prototype))
    if (name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(type.prototype, name).value === 'function')
      try { type.prototype[name] = nothing; } catch {}
Array.prototype[Symbol.iterator] = nothing;
for (const name of ['JSON', 'Math', 'Reflect', 'Atomics', 'console', 'structuredClone', 'queueMicrotask', 'setTimeout'])
  globalThis[name] = undefined;
Object.freeze = Object.keys = Object.entries = nothing;
`;

describe('code that sabotages its own thread', () => {
  it.each([
    ['breaks what is built in', SABOTAGE],
    [
      'answers in place of the guest',
      `port.postMessage({ kind: 'done', id: 1e9, consumed: 1e9, intents: [], logs: [] });`,
    ],
    [
      'sends nonsense',
      `for (const m of [null, 1, 'done', {}, { kind: 'done' }, { kind: 'failed' }]) port.postMessage(m);`,
    ],
    ['stops listening', `port.removeAllListeners();`],
    ['closes its channel', `port.close();`],
    ['makes its channel mute', `port.postMessage = () => {};`],
    ['listens for signals', `for (const s of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(s, () => {});`],
  ])('%s either trades on or is lost, alone', { timeout: 60_000 }, async (_, body) => {
    const scene = await Scene.open();
    const good = await scene.deploy('good', holder('good'));
    const top = `import { parentPort as port } from 'node:worker_threads';`;
    const strategy = await scene.deploy('bad', source('bad', { top, callbacks: inTick(body) }));
    scene.daemon.openMarkets();
    const total = async (): Promise<number> => ((await strategy.status())['evaluations'] as { total: number }).total;
    await poll(
      'it to trade on or to be lost',
      async () => {
        const { state, losses } = (await strategy.status()) as { state: string; losses: readonly LossView[] };
        return (
          losses.length > 0 || state === 'unresponsive' || (state === 'trading' && (await total()) > 50) || undefined
        );
      },
      30_000,
    );
    expect(await good.status()).toMatchObject({ state: 'trading', losses: [] });
    expect((await scene.daemon.get('/daemon/health')).status).toBe(200);
    expect((await strategy.post('/stop?flatten=true')).json()).toMatchObject({ state: 'stopped', openPositions: 0 });
  });
});
