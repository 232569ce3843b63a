/** The machines beside the strategy's, as they are walked over for `diagrams/proofs/`. */
import { alertMachine, RESOLVED_FOR_MS } from '../../src/actors/alerts/alert-machine.ts';
import { channelMachine, MOST_A_MINUTE } from '../../src/actors/alerts/channel-machine.ts';
import { feedMachine } from '../../src/actors/feed.ts';
import { gatewayMachine } from '../../src/actors/gateway.ts';
import { logSinkMachine } from '../../src/actors/log-sink-machine.ts';
import { riskMonitorMachine } from '../../src/actors/risk-monitor-machine.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { supervisorMachine } from '../../src/actors/supervisor.ts';
import { VirtualClock } from '../../src/clock.ts';
import type { Model } from './walks.ts';

const clock = new VirtualClock(1_000_000);
const error = { code: 'QKT_E_INTERNAL', message: 'fault' };
const FAULT = { type: 'FAULT', error, during: 'test' };

const reading = { summary: 'a test', measured: null, limit: null, inputs: {} };
const look = (type: 'HOLDS' | 'CLEARS', label: string, at: number, forMs: number, keepFiringMs = 0) => ({
  type,
  label,
  at,
  reading,
  severity: 'P2',
  forMs,
  keepFiringMs,
});
const job = { notification: {}, settled: () => undefined };

export const MODELS: Readonly<Record<string, Model>> = {
  supervisor: {
    machine: supervisorMachine,
    input: { clock },
    events: [
      { type: 'SPAWN', id: 'a', logic: strategyMachine, input: { name: 'a', clock } },
      { type: 'REAP', id: 'a' },
      { type: 'SHUTDOWN', timeoutMs: 1000 },
      FAULT,
    ],
    key: ({ strategies }: { strategies: readonly string[] }) => strategies,
  },
  'risk-monitor': {
    machine: riskMonitorMachine,
    input: { clock, of: 'ema-cross' },
    events: [
      { type: 'IDLE' },
      { type: 'WATCH' },
      { type: 'UNCOMPUTABLE', label: 'UNCOMPUTABLE (its clock runs)', rules: ['r'], dueAt: 1_300_000 },
      { type: 'UNCOMPUTABLE', label: 'UNCOMPUTABLE (its clock stands still)', rules: ['r'], dueAt: null },
      { type: 'TRIPPED', rules: ['r'] },
      FAULT,
    ],
  },
  gateway: {
    machine: gatewayMachine,
    input: { venue: 'paper', name: 'paper', clock },
    events: [
      ...['CONNECT', 'DISCONNECT', 'CHECKED', 'RECOVERED', 'RETURNED', 'KILLED', 'RELEASED'].map((type) => ({ type })),
      { type: 'DEGRADED', cause: 'late', link: 'account' },
      { type: 'LOST', cause: 'away', link: 'service' },
      FAULT,
    ],
    key: ({ killed }: { killed: boolean }) => killed,
  },
  feed: {
    machine: feedMachine,
    input: { venue: 'paper', clock },
    events: [
      { type: 'LAST_TICK', at: 1_000_000 },
      { type: 'ENDED' },
      { type: 'FAILED', error },
      { type: 'RESTARTED' },
      FAULT,
    ],
  },
  'log-sink': {
    machine: logSinkMachine,
    events: [
      { type: 'WRITE_FAILED', error },
      { type: 'BACKLOG', bytes: 1 },
      ...['DRAINED', 'RECOVERED', 'REOPEN', 'CLOSE'].map((type) => ({ type })),
      FAULT,
    ],
    key: ({ failures }: { failures: number }) => Math.min(failures, 6),
  },
  alert: {
    machine: alertMachine,
    input: { clock },
    events: [
      look('HOLDS', 'HOLDS (must last)', 1_000_000, 30_000),
      look('HOLDS', 'HOLDS (30 s later)', 1_030_000, 30_000),
      look('HOLDS', 'HOLDS (at once)', 1_000_000, 0),
      look('CLEARS', 'CLEARS (ends at once)', 1_040_000, 30_000, 0),
      look('CLEARS', 'CLEARS (keeps firing for a minute)', 1_040_000, 30_000, 60_000),
      look('CLEARS', 'CLEARS (a minute later)', 1_100_000, 30_000, 60_000),
      look('CLEARS', 'CLEARS (shown for long enough)', 1_100_000 + RESOLVED_FOR_MS, 30_000, 0),
      { type: 'GONE', at: 1_100_000 },
      { type: 'GONE', label: 'GONE (shown for long enough)', at: 1_100_000 + RESOLVED_FOR_MS },
      { type: 'ACK', at: 1_100_000, by: 'owner', comment: null },
      { type: 'TOLD', at: 1_100_000 },
      FAULT,
    ],
    key: (record: Readonly<Record<'since' | 'clearedAt' | 'resolvedAt', number | null>>) => [
      record.since,
      record.clearedAt,
      record.resolvedAt,
    ],
  },
  channel: {
    machine: channelMachine,
    input: { name: 'test', clock },
    events: [{ type: 'SEND', job }, { type: 'TRY', job }, { type: 'CLOSE' }, FAULT],
    key: ({ sent, failures }: { sent: readonly number[]; failures: number }) => [
      Math.min(sent.length, MOST_A_MINUTE + 1),
      Math.min(failures, 2),
    ],
  },
};
