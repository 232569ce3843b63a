/** Chooses where an author's code runs. */
import type { Clock } from '../clock.ts';
import type { GuestHost } from './host.ts';
import { createInlineHost } from './inline-host.ts';
import { createProcessHost } from './process-host.ts';
import type { WireDefinition } from './protocol.ts';
import { createWorkerHost } from './worker-host.ts';

/** `inline`: in the main thread; `worker`: in a thread of its own; `process`: in a process of its own. */
export type Isolation = 'inline' | 'worker' | 'process';

export interface Hosting {
  isolationOf(definition: Pick<WireDefinition, 'isolation'>): Isolation;
  open(name: string, definition: Pick<WireDefinition, 'isolation'>): GuestHost;
}

export interface HostingOptions {
  /** The wall clock. */
  readonly clock: Clock;
  /** Whatever the definitions say: for replays and benchmarks. */
  readonly inline: boolean;
}

export function createHosting({ clock, inline }: HostingOptions): Hosting {
  const isolationOf: Hosting['isolationOf'] = ({ isolation = 'worker' }) => (inline ? 'inline' : isolation);
  return {
    isolationOf,
    open: (name, definition) => {
      const isolation = isolationOf(definition);
      if (isolation === 'inline') return createInlineHost();
      return isolation === 'process' ? createProcessHost({ name, clock }) : createWorkerHost({ name });
    },
  };
}
