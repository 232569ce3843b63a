/** Alerts as the control plane sees them: the queries, and the acts of persons, each kept with who and why. */
import type { Clock } from '../../clock.ts';
import { ruleOf } from '../../alerts/rules.ts';
import type { Rulebook } from '../../alerts/rulebook.ts';
import { silenceView } from '../../alerts/silences.ts';
import type { AckRequest, AlertPort, AlertView, SilenceRequest, SilenceView } from '../../domain/alerts.ts';
import type { ChannelTest } from '../../domain/channels.ts';
import { closest } from '../../domain/near-names.ts';
import type { Actor } from '../../domain/ports.ts';
import { QktError } from '../../errors.ts';
import type { Told } from '../act.ts';
import type { AlertEngine } from './alert-engine.ts';
import type { Notifier } from './notifier.ts';

export interface AlertDeskOptions {
  readonly clock: Clock;
  readonly engine: AlertEngine;
  readonly notifier: Notifier;
  readonly rulebook: () => Rulebook;
  readonly told: Told;
}

/** More silences than anybody can keep in mind. */
const MOST_SILENCES = 200;

export class AlertDesk implements AlertPort {
  readonly #options: AlertDeskOptions;
  #count = 0;

  constructor(options: AlertDeskOptions) {
    this.#options = options;
  }

  list(): readonly AlertView[] {
    return this.#options.engine.views();
  }

  history(limit: number) {
    return this.#options.engine.history(limit);
  }

  remembers(name: string): boolean {
    return this.#options.engine.history(Infinity).some(({ strategy }) => strategy === name);
  }

  ack({ id, by, comment }: AckRequest): Promise<readonly AlertView[]> {
    const { engine, told } = this.#options;
    const args = comment === undefined ? {} : { comment };
    return told({ command: 'ack', target: null, by, args: { alert: id, ...args } }, async () => {
      const firing = engine.firing(id);
      if (firing.length === 0) throw this.#nothingFires(id);
      await engine.acknowledge(firing, by, comment ?? null);
      return engine.viewsOf(firing);
    });
  }

  silences(): readonly SilenceView[] {
    return this.#options.engine.silences().map(silenceView);
  }

  silence({ by, forMs, reason, p1, ...match }: SilenceRequest): Promise<SilenceView> {
    const { clock, engine, told } = this.#options;
    return told(
      { command: 'silence', target: match.strategy ?? null, by, reason, args: { ...match, forMs, p1 } },
      async () => {
        this.#checkMatch(match, p1);
        if (engine.silences().length >= MOST_SILENCES)
          throw new QktError('QKT_E_STATE', `there are ${MOST_SILENCES} silences already: end one first`);
        const createdAt = clock.now();
        this.#count += 1;
        const id = `s${createdAt.toString(36)}${this.#count}`;
        const silence = { id, ...match, p1, reason, by, createdAt, endsAt: createdAt + forMs };
        await engine.addSilence(silence);
        return silenceView(silence);
      },
    );
  }

  unsilence(id: string, { by }: Actor): Promise<SilenceView> {
    return this.#options.told({ command: 'unsilence', target: null, by, args: { silence: id } }, async () => {
      const ended = await this.#options.engine.endSilence(id);
      if (ended === undefined) throw new QktError('QKT_E_UNKNOWN_SILENCE', `no silence ${id} is in force`);
      return silenceView(ended);
    });
  }

  channels() {
    return this.#options.notifier.channels();
  }

  test(channel: string, { by }: Actor): Promise<ChannelTest> {
    return this.#options.told({ command: 'alerts test', target: null, by, args: { channel } }, async () =>
      this.#options.notifier.test(channel),
    );
  }

  /** What is about P1 alerts alone, and does not say so, would silence nothing. */
  #checkMatch({ alert, severity }: Pick<SilenceRequest, 'alert' | 'severity'>, p1: boolean): void {
    const { rules } = this.#options.rulebook();
    const rule = alert === undefined ? undefined : rules.find(({ id }) => id === alert);
    if (alert !== undefined && rule === undefined)
      throw new QktError('QKT_E_UNKNOWN_ALERT', `there is no alert rule ${alert}: docs/alerts.md lists them`, {
        candidates: closest(
          alert,
          rules.map(({ id }) => id),
        ),
      });
    if (!p1 && (severity ?? rule?.severity) === 'P1')
      throw new QktError('QKT_E_BAD_REQUEST', 'this silences P1 alerts: say so with `p1`', {
        members: { field: 'p1' },
      });
  }

  #nothingFires(id: string): QktError {
    const { engine } = this.#options;
    if (engine.knows(id)) return new QktError('QKT_E_STATE', `${id} does not fire: there is nothing to acknowledge`);
    const known = ruleOf(id) === undefined ? '' : ' now';
    return new QktError('QKT_E_UNKNOWN_ALERT', `no alert ${id} is active${known}`, {
      candidates: closest(id, [...new Set(engine.views().flatMap((view) => [view.id, view.key]))]),
    });
  }
}
