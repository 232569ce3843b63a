/**
 * The parts of a daemon and who speaks to whom, as data: drawn for `diagrams/README.md`, and held to the code by a
 * test. Every event that a machine takes must be said by somebody here, and every message to a machine be one of its
 * events. FAULT is left out: each machine is sent it by the wrapper around it (`fault-tolerant.ts`).
 */

export interface SystemPart {
  readonly name: string;
  /** `machine`: a state chart of its own; `code`: plain code beside it; `outside`: not in the daemon's main thread. */
  readonly kind: 'machine' | 'code' | 'outside';
  readonly file: string;
  readonly does: string;
}

export interface SystemLink {
  readonly from: string;
  readonly to: string;
  /** Events of the machine that is spoken to, or what is said to code. */
  readonly messages: readonly string[];
}

const part = (name: string, kind: SystemPart['kind'], file: string, does: string): SystemPart => ({
  name,
  kind,
  file: `src/${file}`,
  does,
});

export const PARTS: readonly SystemPart[] = [
  part('surfaces', 'outside', 'http/control-server.ts', 'HTTP, command line, page: queries and commands, nothing else.'),
  part('fleet', 'code', 'actors/fleet.ts', 'Which strategies there are; carries commands to them.'),
  part('halts', 'code', 'actors/halts.ts', 'Closes the gate in the same turn, records, then tells the machine.'),
  part('supervisor', 'machine', 'actors/supervisor.ts', 'The daemon: opens, holds, closes.'),
  part('strategy', 'machine', 'actors/strategy.ts', 'The life of one strategy.'),
  part('runtime', 'code', 'actors/strategy-runtime.ts', 'Its book, its market, its view: does what the machine says.'),
  part('guest', 'outside', 'worker/guest-runtime.ts', "The author's code in a thread of its own."),
  part('guest life', 'code', 'actors/guest-life.ts', 'Starts, feeds and ends the guest.'),
  part('order desk', 'code', 'streams/order-desk.ts', 'Intent, gate, journal, venue, fill: in one turn.'),
  part('risk judge', 'code', 'actors/strategy-risk.ts', 'Halt rules on every tick and fill.'),
  part('risk-monitor', 'machine', 'actors/risk-monitor-machine.ts', 'Whether the rules can be judged, and have tripped.'),
  part('gateway watch', 'code', 'actors/gateway-watch.ts', 'Looks at a venue, and says what it found.'),
  part('gateway', 'machine', 'actors/gateway.ts', 'Which orders a venue takes now.'),
  part('feed watch', 'code', 'actors/feed-actor.ts', 'Sees whether quotes come.'),
  part('feed', 'machine', 'actors/feed.ts', 'Whether quotes are fresh.'),
  part('journal', 'code', 'store/journal.ts', 'What must not be forgotten, on disk before it is told.'),
  part('log file', 'code', 'actors/log-file.ts', 'Writes lines, and notices when it cannot.'),
  part('log-sink', 'machine', 'actors/log-sink-machine.ts', 'What becomes of lines that cannot be written.'),
  part('alert engine', 'code', 'actors/alerts/alert-engine.ts', 'Judges every rule on every target each second.'),
  part('alert', 'machine', 'actors/alerts/alert-machine.ts', 'One rule on one target.'),
  part('notifier', 'code', 'actors/alerts/notifier.ts', 'Who is told what, by which channel.'),
  part('channel', 'machine', 'actors/alerts/channel-machine.ts', 'One message at a time, tried again.'),
];

const link = (from: string, to: string, ...messages: readonly string[]): SystemLink => ({ from, to, messages });

export const LINKS: readonly SystemLink[] = [
  link('surfaces', 'fleet', 'deploy, start, stop, remove'),
  link('surfaces', 'halts', 'halt, resume'),
  link('surfaces', 'supervisor', 'SHUTDOWN'),
  link('surfaces', 'alert engine', 'acknowledge, silence'),
  link('fleet', 'supervisor', 'SPAWN', 'REAP'),
  link('fleet', 'strategy', 'START', 'RESTART', 'REPLACE', 'STOP'),
  link('halts', 'strategy', 'HALT', 'RESUME', 'STOP'),
  link('halts', 'order desk', 'close the gate'),
  link('halts', 'journal', 'cause, before it is told'),
  link('supervisor', 'strategy', 'holds as a child'),
  link('strategy', 'runtime', 'launch, recover, cancel, flatten, drain'),
  link('runtime', 'strategy', 'PROGRESS', 'WARMED', 'HUNG', 'ANSWERED', 'CRASHED'),
  link('runtime', 'guest life', 'ticks, bars'),
  link('guest life', 'guest', 'turns, with credits'),
  link('guest', 'order desk', 'intents'),
  link('order desk', 'gateway', 'takes entries, exits, cancels?'),
  link('order desk', 'journal', 'intent, before it is sent'),
  link('order desk', 'risk judge', 'fills, refusals'),
  link('risk judge', 'risk-monitor', 'IDLE', 'WATCH', 'UNCOMPUTABLE', 'TRIPPED'),
  link('risk judge', 'halts', 'breach'),
  link('gateway watch', 'gateway', 'CONNECT', 'DISCONNECT', 'CHECKED', 'LOST', 'DEGRADED', 'RECOVERED', 'RETURNED', 'KILLED', 'RELEASED'),
  link('feed watch', 'feed', 'LAST_TICK', 'ENDED', 'FAILED', 'RESTARTED'),
  link('feed watch', 'runtime', 'quotes'),
  link('log file', 'log-sink', 'BACKLOG', 'DRAINED', 'WRITE_FAILED', 'RECOVERED', 'REOPEN', 'CLOSE'),
  link('alert engine', 'alert', 'HOLDS', 'CLEARS', 'GONE', 'ACK', 'TOLD'),
  link('alert engine', 'notifier', 'what is to be told'),
  link('notifier', 'channel', 'SEND', 'TRY', 'CLOSE'),
];
