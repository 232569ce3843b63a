/** A daemon as HTTP sees it: takes every command down, and answers what a test sets. */
import { dec } from '../../src/domain/decimal.ts';
import type { LeftOpen } from '../../src/domain/left-open.ts';
import type {
  Actor,
  DaemonPort,
  DeployRequest,
  DeployResult,
  HaltRequest,
  HaltResult,
  ReloadResult,
  Rebase,
  ResumePreview,
  ResumeRequest,
  ResumeResult,
  StopRequest,
  StopResult,
} from '../../src/domain/ports.ts';
import type { GatewayView } from '../../src/domain/gateway-views.ts';
import type { DaemonHealthView } from '../../src/domain/health-views.ts';
import type { StrategyRow } from '../../src/domain/status-views.ts';
import type { DaemonMetrics, ScrapeTarget } from '../../src/domain/metrics.ts';
import { MemoryMergedEvents } from './memory-events.ts';
import { daemonMetrics } from './metrics.ts';
import { HALTED, PREVIEW, RESUMED, ScriptedStrategy, STOPPED } from './strategy-port.ts';

/** Of a paper venue, ready. */
export const GATEWAY: GatewayView = {
  name: 'paper',
  type: 'paper',
  state: 'ready',
  since: null,
  cause: null,
  failingLink: null,
  inMaintenance: false,
  killed: false,
  lastCheck: null,
  lastGood: null,
  lastGoodAgeMs: null,
  probeMs: null,
  serverOffsetMs: null,
  account: null,
  differences: [],
  requests: null,
};

export class ScriptedDaemon implements DaemonPort {
  readonly events = new MemoryMergedEvents();
  readonly strategies = new Map<string, ScriptedStrategy>();
  /** Every command that came through, in order. */
  readonly commands: { readonly command: string; readonly [member: string]: unknown }[] = [];
  /** What a shutdown says of. */
  leftOpen: readonly LeftOpen[] = [];
  healthView: DaemonHealthView = {
    ok: true,
    status: 'running',
    uptimeMs: 5000,
    pid: process.pid,
    version: '0.1.0',
    strategies: { total: 1, trading: 1, halted: 0 },
    leases: [{ name: 'eventLoop', ageMs: 3, limitMs: 500, ok: true }],
    queues: [],
  };
  gatewayViews: readonly GatewayView[] = [GATEWAY];
  onDeploy: (request: DeployRequest) => Promise<DeployResult> = ({ name }) =>
    Promise.resolve({ name: name ?? 'ema-cross', port: 47_001, state: 'warming', version: 1 });
  preview: ResumePreview = PREVIEW;
  onResume: (request: ResumeRequest) => Promise<Readonly<Record<string, ResumeResult>>> = () =>
    Promise.resolve({ 'ema-cross': RESUMED });
  onKill: (request: StopRequest) => Promise<Readonly<Record<string, StopResult>>> = () =>
    Promise.resolve({ 'ema-cross': STOPPED });
  onReload: () => Promise<ReloadResult> = () =>
    Promise.resolve({ applied: ['risk.halt'], atNextDeploy: [], needsRestart: ['http.controlPort'] });
  onRemove: () => Promise<void> = () => Promise.resolve();

  constructor(...names: readonly string[]) {
    for (const name of names) this.strategies.set(name, new ScriptedStrategy(name));
  }

  health(): DaemonHealthView {
    return this.healthView;
  }
  list(): readonly StrategyRow[] {
    return [...this.strategies.values()].map(({ name, statusView: { state, riskState } }) => ({
      name,
      version: 1,
      state,
      halted: riskState.halted,
      port: 47_000,
      uptimeMs: 5000,
      equity: dec('9997.6'),
      unrealized: dec('-2.4'),
      realized: null,
      trades: 1,
      restarts: 0,
      health: 'ok',
    }));
  }
  strategy(name: string): ScriptedStrategy | undefined {
    return this.strategies.get(name);
  }
  names(): readonly string[] {
    return [...this.strategies.keys()];
  }
  gateways(): readonly GatewayView[] {
    return this.gatewayViews;
  }
  metrics(): DaemonMetrics {
    return daemonMetrics(this.names());
  }
  scrapeTargets(): readonly ScrapeTarget[] {
    return this.names().map((strategy, index) => ({ strategy, port: 47_000 + index }));
  }
  deploy(request: DeployRequest): Promise<DeployResult> {
    this.commands.push({ command: 'deploy', ...request });
    return this.onDeploy(request);
  }
  start(name: string, actor: Actor): Promise<DeployResult> {
    this.commands.push({ command: 'start', name, ...actor });
    return Promise.resolve({ name, port: 47_000, state: 'trading', version: 1 });
  }
  restart(name: string, actor: Actor): Promise<DeployResult> {
    this.commands.push({ command: 'restart', name, ...actor });
    return Promise.resolve({ name, port: 47_000, state: 'trading', version: 1 });
  }
  remove(name: string, actor: Actor): Promise<void> {
    this.commands.push({ command: 'remove', name, ...actor });
    return this.onRemove();
  }
  halt(request: HaltRequest): Promise<Readonly<Record<string, HaltResult>>> {
    this.commands.push({ command: 'halt', ...request });
    return Promise.resolve({ 'ema-cross': HALTED });
  }
  previewResume(rebase: Rebase): ResumePreview {
    return { ...this.preview, rebase };
  }
  resume(request: ResumeRequest): Promise<Readonly<Record<string, ResumeResult>>> {
    this.commands.push({ command: 'resume', ...request });
    return this.onResume(request);
  }
  kill(request: StopRequest): Promise<Readonly<Record<string, StopResult>>> {
    this.commands.push({ command: 'kill', ...request });
    return this.onKill(request);
  }
  reload(actor: Actor): Promise<ReloadResult> {
    this.commands.push({ command: 'reload', ...actor });
    return this.onReload();
  }
  shutdown(actor: Actor): readonly LeftOpen[] {
    this.commands.push({ command: 'shutdown', ...actor });
    return this.leftOpen;
  }
}
