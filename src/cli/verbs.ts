/** The verbs of `qkt`. Each lies in a file of its own, which is loaded only when it is asked for. */
import type { Command } from 'commander';

export interface VerbModule {
  /** Gives the verb its arguments, options and action. */
  define(command: Command): void;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  load(): Promise<VerbModule>;
}

export const VERBS: readonly Verb[] = [
  { name: 'run', summary: 'run one strategy in the foreground', load: () => import('./verbs/run.ts') },
  { name: 'daemon', summary: 'start, stop and look at the daemon', load: () => import('./verbs/daemon.ts') },
  { name: 'deploy', summary: 'deploy a strategy file', load: () => import('./verbs/deploy.ts') },
  { name: 'list', summary: 'all deployed strategies, one a row', load: () => import('./verbs/list.ts') },
  {
    name: 'top',
    summary: 'the same, refreshed in place, with keys to halt and stop',
    load: () => import('./verbs/top.ts'),
  },
  { name: 'status', summary: 'a strategy, or the daemon, in figures', load: () => import('./verbs/status.ts') },
  { name: 'health', summary: 'the leases of a strategy, or of the daemon', load: () => import('./verbs/health.ts') },
  { name: 'risk', summary: 'the gate and the halt rules of a strategy', load: () => import('./verbs/risk.ts') },
  { name: 'why', summary: 'why a strategy did, or did not, trade', load: () => import('./verbs/why.ts') },
  { name: 'events', summary: 'what happened, event by event', load: () => import('./verbs/events.ts') },
  { name: 'logs', summary: "the tail of a strategy's log", load: () => import('./verbs/logs.ts') },
  { name: 'stop', summary: 'stop a strategy in order', load: () => import('./verbs/stop.ts') },
  { name: 'halt', summary: 'close the gate of a strategy, or of all', load: () => import('./verbs/halt.ts') },
  { name: 'resume', summary: 'lift a halt, with a reason', load: () => import('./verbs/resume.ts') },
  { name: 'kill', summary: 'flatten and stop a strategy, or all', load: () => import('./verbs/kill.ts') },
  { name: 'start', summary: 'start a stopped or failed strategy', load: () => import('./verbs/start.ts') },
  { name: 'restart', summary: 'restart a stopped or failed strategy', load: () => import('./verbs/restart.ts') },
  { name: 'remove', summary: 'remove a stopped, flat strategy', load: () => import('./verbs/remove.ts') },
  { name: 'alerts', summary: 'what fires, and what to do about it', load: () => import('./verbs/alerts.ts') },
  { name: 'ack', summary: 'say that somebody sees to an alert', load: () => import('./verbs/ack.ts') },
  { name: 'silence', summary: 'keep alerts quiet for a while', load: () => import('./verbs/silence.ts') },
  { name: 'unsilence', summary: 'end a silence', load: () => import('./verbs/unsilence.ts') },
  { name: 'journal', summary: 'who did what, when and why', load: () => import('./verbs/journal.ts') },
  { name: 'export', summary: "a strategy's trades or events in a file", load: () => import('./verbs/export.ts') },
  { name: 'backup', summary: 'the whole state into one file', load: () => import('./verbs/backup.ts') },
  { name: 'restore', summary: 'a backup into an empty state directory', load: () => import('./verbs/restore.ts') },
  { name: 'gateways', summary: 'the broker gateways, and why one is away', load: () => import('./verbs/gateways.ts') },
  { name: 'dashboard', summary: 'the page, opened with a one-time link', load: () => import('./verbs/dashboard.ts') },
  { name: 'machine', summary: "a strategy's live state chart", load: () => import('./verbs/machine.ts') },
  { name: 'diagram', summary: 'the chart of a machine', load: () => import('./verbs/diagram.ts') },
  { name: 'config', summary: 'check the configuration', load: () => import('./verbs/config.ts') },
  { name: 'doctor', summary: 'what is wrong, and what mends it', load: () => import('./verbs/doctor.ts') },
  { name: 'drill', summary: 'faults against a paper twin', load: () => import('./verbs/drill.ts') },
  { name: 'mt5-sim', summary: 'the MT5 gateway simulator', load: () => import('./verbs/mt5-sim.ts') },
  { name: 'token', summary: 'tokens for programs that command the daemon', load: () => import('./verbs/token.ts') },
  { name: 'watchdog', summary: 'watch the daemon from outside', load: () => import('./verbs/watchdog.ts') },
  { name: 'monitoring', summary: 'files for other systems', load: () => import('./verbs/monitoring.ts') },
  { name: 'completion', summary: 'a completion script for a shell', load: () => import('./verbs/completion.ts') },
];
