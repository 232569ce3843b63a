/** The machines that are drawn, by the name of their file in `diagrams/` and of `qkt diagram <machine>`. */
import type { AnyStateMachine } from 'xstate';
import type { InvariantColumn } from './invariants.ts';
import type { Tone } from './machine-to-svg.ts';
import { alertMachine } from '../../actors/alerts/alert-machine.ts';
import { channelMachine } from '../../actors/alerts/channel-machine.ts';
import { feedMachine } from '../../actors/feed.ts';
import { gatewayMachine } from '../../actors/gateway.ts';
import { logSinkMachine } from '../../actors/log-sink-machine.ts';
import { riskMonitorMachine } from '../../actors/risk-monitor-machine.ts';
import { strategyMachine } from '../../actors/strategy.ts';
import { supervisorMachine } from '../../actors/supervisor.ts';

export interface DrawnMachine {
  readonly machine: AnyStateMachine;
  /** One sentence for the index. */
  readonly about: string;
  /** Tags that tint a state. */
  readonly tones?: Readonly<Record<string, Tone>>;
  /** Of its table of invariants. */
  readonly columns?: readonly InvariantColumn[];
}

const byTag = (title: string, tag: string, yes: string, no: string): InvariantColumn => ({
  title,
  cell: ({ tags }) => (tags.includes(tag) ? yes : no),
});

/** What the actors that run in a state of a strategy take away. */
const CANCELS: Readonly<Record<string, string>> = {
  cancelEntries: 'working entries',
  flatten: 'positions, verified',
  abandon: 'as its `onHang` says',
};
const CANCELLED: InvariantColumn = {
  title: 'what is cancelled',
  cell: ({ invokes }) => invokes.flatMap((name) => CANCELS[name] ?? []).join(', ') || 'nothing',
};

export const MACHINES: Readonly<Record<string, DrawnMachine>> = {
  supervisor: {
    machine: supervisorMachine,
    about: 'The daemon: opens everything, holds the strategies as its children, closes in reverse.',
    tones: { takesDeploys: 'open' },
  },
  strategy: {
    machine: strategyMachine,
    about: 'One strategy: starting, trading, the halt that only a person lifts, the stop that always ends, restarts.',
    tones: { gateOpen: 'open', halted: 'held', ended: 'ended' },
    columns: [byTag('gate', 'gateOpen', 'open', 'closed'), CANCELLED],
  },
  'risk-monitor': {
    machine: riskMonitorMachine,
    about: 'The halt rules of one strategy, or of the book: whether they are judged, computed, tripped.',
    tones: { judging: 'open', halting: 'held' },
  },
  gateway: { machine: gatewayMachine, about: 'A venue as orders see it: which of them it takes now.', tones: { takesEntries: 'open', takesExits: 'held', takesCancels: 'ended' },
    columns: [byTag('entries', 'takesEntries', 'taken', 'denied'), byTag('exits', 'takesExits', 'taken', 'denied'), byTag('cancels', 'takesCancels', 'taken', 'denied')] },
  feed: { machine: feedMachine, about: 'A venue as quotes see it: whether they still come.', tones: { fresh: 'open' } },
  'log-sink': { machine: logSinkMachine, about: 'A log file: what happens to lines when it is slow, full or gone.', tones: { writing: 'open', keeping: 'held' } },
  alert: { machine: alertMachine, about: 'A rule on a target: how long it must hold before it is told, and how long it is told once it has ceased.', tones: { fires: 'held' } },
  channel: { machine: channelMachine, about: 'A way to tell somebody: one message at a time, and what a failure leads to.', tones: { takes: 'open' } },
};
