/** A strategy that pours out more than it can mean: named, ended, and nobody else's trouble. */
import { describe, expect, it } from 'vitest';
import { poll } from '../doubles/daemon.ts';
import { holder, Scene, strategySource, untilTrades, type Deployed } from '../acceptance/trading-scene.ts';

interface Loss {
  readonly cause: string;
  readonly detail: string;
}

const firstLoss = (strategy: Deployed): Promise<Loss> =>
  poll(`a loss of ${strategy.name}`, async () => ((await strategy.status())['losses'] as readonly Loss[])[0], 15_000);

const inProcess = (source: string): string => source.replace('  streams:', "  isolation: 'process',\n  streams:");

describe.each([
  ['a thread', (source: string) => source],
  ['a process', inProcess],
])('a strategy in %s that floods', (_where, made) => {
  const lossOf = async (source: string): Promise<Loss> => {
    const scene = await Scene.open();
    const floods = await scene.deploy('floods', made(source));
    const good = await scene.deploy('good', holder('good'));
    scene.daemon.openMarkets();
    const loss = await firstLoss(floods);
    // Its neighbour was not held up: it trades, and its health is in order.
    await untilTrades(good, 1);
    expect((await good.get('/health')).status).toBe(200);
    expect((await scene.daemon.get('/daemon/health')).status).toBe(200);
    return loss;
  };

  it.each([
    ['orders in one callback', `for (;;) ctx.buy('eur', { qty: 1 });`, 'more than 250 actions in one callback'],
    ['orders that it catches the refusal of', `for (;;) try { ctx.cancelAll(); } catch {}`, 'more than 250 actions'],
    ['orders over many callbacks', `for (let i = 0; i < 250; i++) ctx.cancel('none');`, 'in 10 s of market time'],
    ['log lines', `for (;;) try { ctx.log('info', 'again', { ticks }); } catch {}`, 'log lines in one turn'],
    ['console output', 'for (;;) console.log(ticks);', 'log lines in one turn'],
  ])('%s', async (_what, body, detail) => {
    const loss = await lossOf(strategySource('floods', body));
    expect(loss).toMatchObject({ cause: 'flooding' });
    expect(loss.detail).toContain(detail);
  });

  it('rejections that nobody handles', async () => {
    const loss = await lossOf(
      strategySource('floods', `for (let i = 0; i < 1e4; i++) Promise.reject(new Error('no'));`),
    );
    expect(loss).toMatchObject({ cause: 'rejected' });
  });
});

describe('the channel of a strategy’s thread', () => {
  const loss = async (body: string): Promise<Loss> => {
    const scene = await Scene.open();
    const source = `import { MessagePort, parentPort } from 'node:worker_threads';\n${strategySource('sends', body)}`;
    const sends = await scene.deploy('sends', source);
    scene.daemon.openMarkets();
    return firstLoss(sends);
  };

  it('is not the author’s: what is sent there is a line in the log, and a flood of it a flood', async () => {
    expect(await loss(`for (;;) try { parentPort.postMessage({ kind: 'done' }); } catch {}`)).toMatchObject({
      cause: 'flooding',
      detail: expect.stringContaining('log lines') as string,
    });
  });

  it('ignores what is none of its messages, and ends who sends it without end', async () => {
    expect(
      await loss('for (;;) MessagePort.prototype.postMessage.call(parentPort, { kind: "done", id: 1 });'),
    ).toMatchObject({
      cause: 'flooding',
      detail: expect.stringContaining('more than 1000 messages that nobody asked for') as string,
    });
  });
});
