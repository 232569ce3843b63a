import { describe, expect, it } from 'vitest';
import { serveControl } from '../http/support.ts';
import { qkt } from './support.ts';

async function risk(...args: string[]) {
  const { stateDir } = await serveControl();
  return qkt(['risk', ...args, '--state-dir', stateDir]);
}

describe('qkt risk', () => {
  it('lists the stages of the gate in order with their caps, then the halt rules', async () => {
    const { code, stdout } = await risk('ema-cross');
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trimEnd().split(/\s{2,}/));
    expect(rows).toEqual([
      ['STAGE', 'CAP', 'REDUCING ORDERS'],
      ['HALTED', 'pass'],
      ['GATEWAY_DOWN', 'are asked too'],
      ['COOLDOWN', 'cooldown 15m 00s after 3 losses', 'pass'],
      ['MAX_ORDER_QTY', 'maxOrderQty 0.3', 'pass'],
      ['MAX_POSITION', 'maxPosition not set', 'pass'],
      ['HALTS WHEN', 'FORMULA', 'LIMIT', 'ON BREACH', 'LIFTED BY'],
      ['maxDailyLoss', 'dayStartEquity − equity > limit', '300', 'flatten', 'the next day'],
      ['maxRejections', 'rejections within 60000 ms ≥ limit', '5', 'hold', 'a person'],
    ]);
  });

  it('gives the answer of the daemon with --json', async () => {
    const { gate } = JSON.parse((await risk('ema-cross', '--json')).stdout) as { gate: object[] };
    expect(gate[3]).toEqual({ code: 'MAX_ORDER_QTY', sparesReducing: true, cap: 'maxOrderQty', value: 0.3 });
  });

  it('refuses a strategy that is not there, and says what comes close', async () => {
    const { code, stderr } = await risk('ema-crosss');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Did you mean: ema-cross')]);
  });
});
