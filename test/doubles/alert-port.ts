/** Alerts as HTTP sees them, which a test sets. */
import type { AlertPort, AlertView, SilenceView } from '../../src/domain/alerts.ts';

const AT = '2026-11-22T07:28:33.123Z';

/** Of `strategy_halted` on `ema-cross`, firing. */
export const ALERT: AlertView = {
  id: 'strategy_halted',
  key: 'strategy_halted:ema-cross',
  severity: 'P1',
  state: 'firing',
  strategy: 'ema-cross',
  target: 'ema-cross',
  summary: 'ema-cross is halted: spread too wide',
  since: AT,
  firingSince: AT,
  resolvedAt: null,
  measured: 1,
  limit: null,
  inputs: { state: 'halted', rules: ['manual'], scope: 'strategy', by: 'owner', restored: false },
  trades: [],
  events: [],
  runbook: 'docs/runbooks/strategy_halted.md',
  command: 'qkt resume ema-cross --dry-run',
  acknowledged: null,
  silencedBy: null,
  inhibitedBy: null,
  notifiedAt: null,
};

export class ScriptedAlerts implements AlertPort {
  views: readonly AlertView[];
  silenceViews: readonly SilenceView[] = [];

  constructor(...views: readonly AlertView[]) {
    this.views = views;
  }

  list(): readonly AlertView[] {
    return this.views;
  }
  silences(): readonly SilenceView[] {
    return this.silenceViews;
  }
  history(): readonly [] {
    return [];
  }
  channels(): readonly [] {
    return [];
  }
  remembers(): boolean {
    return false;
  }
  ack(): Promise<never> {
    return this.#unscripted();
  }
  silence(): Promise<never> {
    return this.#unscripted();
  }
  unsilence(): Promise<never> {
    return this.#unscripted();
  }
  test(): Promise<never> {
    return this.#unscripted();
  }

  #unscripted(): Promise<never> {
    return Promise.reject(new Error('not scripted'));
  }
}
