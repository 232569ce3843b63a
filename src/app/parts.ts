/** What a daemon consists of once it is open. */
import { readFileSync } from 'node:fs';
import type { DaemonJournal } from '../actors/daemon-journal.ts';
import type { Fleet } from '../actors/fleet.ts';
import type { Logger, LogSink } from '../actors/log-sink.ts';
import type { Venues } from '../actors/venues.ts';
import type { Control } from '../http/control-server.ts';
import type { RunLog } from '../store/run-log.ts';
import type { StateDir } from '../store/state-dir.ts';
import type { Alerts } from './alerts.ts';

export interface Opened {
  readonly state: StateDir;
  readonly logs: LogSink;
  readonly log: Logger;
  /** Neither is there in a bounded run, which keeps nothing. */
  readonly run: RunLog | undefined;
  readonly journal: DaemonJournal | undefined;
  readonly venues: Venues;
  readonly fleet: Fleet;
  /** None in a bounded run: nobody is called by a replay. */
  readonly alerts: Alerts | undefined;
  readonly control: Control;
}

/** While it opens: health and faults speak of what there is already. */
export type Parts = { -readonly [K in keyof Opened]?: Opened[K] };

/** Of this package. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
