/** The daemon as its control plane sees it: queries over the fleet, and commands that are kept with who, why and outcome. */
import type { Positions } from '../domain/cursors.ts';
import type { LeftOpen } from '../domain/left-open.ts';
import type { DaemonMetrics, ScrapeTarget } from '../domain/metrics.ts';
import type { DaemonPort, EventPort, ReloadResult } from '../domain/ports.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { DaemonHealthView } from '../domain/health-views.ts';
import type { Told } from './act.ts';
import type { Fleet } from './fleet.ts';

export interface DaemonParts {
  readonly fleet: () => Fleet;
  /** Strategies, also before all of them are open. */
  readonly targets: () => readonly ScrapeTarget[];
  readonly gateways: () => readonly GatewayView[];
  readonly metrics: () => DaemonMetrics;
  readonly events: EventPort<Positions>;
  readonly health: () => DaemonHealthView;
  readonly told: Told;
  readonly reload: () => Promise<ReloadResult>;
  /** Begins the end, and says what stays open. */
  readonly shutdown: (by: string) => readonly LeftOpen[];
}

export function daemonCommands(parts: DaemonParts): DaemonPort {
  const { fleet, targets, gateways, metrics, events, health, told, reload, shutdown } = parts;
  return {
    health,
    events,
    list: () => fleet().rows(),
    strategy: (name) => fleet().get(name),
    names: () => fleet().names(),
    gateways,
    metrics,
    scrapeTargets: targets,
    deploy: (request) => {
      // What a start of the daemon finds and leaves as it is, is no act of a person.
      if (request.keep === true) return fleet().deploy(request);
      const { by, file, name, replace = false } = request;
      // Without a name in the request it is the file's, which is known once it has been loaded.
      const act = { command: 'deploy', target: name ?? null, by, args: { file, replace } };
      return told(
        act,
        () => fleet().deploy(request),
        (deployed) => deployed.name,
      );
    },
    start: (name, { by }) => told({ command: 'start', target: name, by }, () => fleet().start(name, { by })),
    restart: (name, { by }) => told({ command: 'restart', target: name, by }, () => fleet().restart(name, { by })),
    remove: (name, { by }) => told({ command: 'remove', target: name, by }, () => fleet().remove(name)),
    halt: (request) => {
      const { by, reason } = request;
      return told({ command: 'halt', target: null, by, reason }, () => fleet().book.halt(request));
    },
    previewResume: (rebase) => fleet().book.preview(rebase),
    resume: (request) => {
      const { by, reason, rebase } = request;
      const act = { command: 'resume', target: null, by, reason, args: { rebase } };
      return told(act, () => fleet().book.resume(request));
    },
    kill: (request) => told({ command: 'kill', target: null, by: request.by }, () => fleet().killAll(request)),
    reload: ({ by }) => told({ command: 'reload', target: null, by }, reload),
    shutdown: ({ by }) => shutdown(by),
  };
}
