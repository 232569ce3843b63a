/** What a person reads of positions that a stop, or the end of the daemon, leaves open. */
import { expect, it } from 'vitest';
import { leftOpenLines, stoppedLines } from '../../src/cli/stop-words.ts';

const AT_RISK =
  'has a stop at the venue for a part of it at most: what other stops it has are watched by the daemon alone';

it('tells a stop that only the daemon watches from none at all', () => {
  const lines = stoppedLines('gold', {
    state: 'stopped',
    flattened: false,
    openPositions: '2',
    cancelled: '0',
    tookMs: '12',
    positions: [
      { symbol: 'XAUUSD', qty: '0.2', stopLoss: '2395.35' },
      { symbol: 'EURUSD', qty: '0.1', stopLoss: null },
      { symbol: 'GBPUSD', qty: '0.1', stopLoss: '1.25' },
    ],
    unprotected: ['XAUUSD', 'EURUSD'],
    verified: true,
  });
  expect(lines.slice(4)).toEqual([`  XAUUSD ${AT_RISK}`, '  EURUSD has no stop']);
});

it('names what the end of the daemon leaves open, strategy by strategy', () => {
  const position = { strategy: 'gold', symbol: 'XAUUSD', qty: '0.2', stopLoss: '2395.35' };
  expect(
    leftOpenLines([
      { ...position, protected: false },
      { ...position, strategy: 'silver', protected: true },
    ]),
  ).toEqual(['  gold: XAUUSD 0.2 stays open', `  gold: XAUUSD ${AT_RISK}`, '  silver: XAUUSD 0.2 stays open']);
});
