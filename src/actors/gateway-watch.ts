/**
 * Watches an MT5 gateway: a look each second, one after the other, and the account every five. It
 * judges with hysteresis: what fails three times in a row is lost, what is bad three times in a row
 * is degraded, and what has been good three times in a row has recovered.
 */
import type { Cancel, Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Probe } from './gateway-probe.ts';
import type { GatewayEvent, GatewayLink } from './gateway-events.ts';
import type { GatewayState } from './gateway.ts';

const LOOK_EVERY_MS = 1000;
/** While it cannot be used. */
const DOWN_EVERY_MS = 5000;
/** In a row, of either kind. */
const IN_A_ROW = 3;
/** Looks that the usual time of an answer is taken from, and the most that it may be. */
const TIMED = 9;
const SLOW_MS = 2000;

export interface Trouble {
  readonly link: GatewayLink;
  readonly cause: string;
}

export interface GatewayWatchOptions {
  readonly clock: Clock;
  /** Never rejects. */
  readonly probe: () => Promise<Probe>;
  readonly state: () => { readonly state: GatewayState; readonly killed: boolean };
  /** What is wrong with it beyond what a look tells: lost at once. */
  readonly lost: (probe: Probe) => Trouble | undefined;
  /** What keeps entries out though it answers. */
  readonly degraded: () => Trouble | undefined;
  readonly send: (event: GatewayEvent) => void;
}

export class GatewayWatch {
  readonly #options: GatewayWatchOptions;
  #next: Cancel = () => {};
  #isOn = false;
  #failed = 0;
  #bad = 0;
  #good = 0;
  #took: readonly number[] = [];
  #last: Probe | undefined;
  #lastGood: EpochMs | null = null;
  /** The same on the monotonic clock; the start before there is one. */
  #goodAt: number;

  constructor(options: GatewayWatchOptions) {
    this.#options = options;
    this.#goodAt = options.clock.monotonic();
  }

  start(): void {
    this.#isOn = true;
    void this.#look();
  }

  stop(): void {
    this.#isOn = false;
    this.#next();
  }

  /** How long the last look took, in milliseconds. */
  get tookMs(): number | null {
    return this.#last === undefined ? null : Math.round(this.#last.tookMs);
  }

  /** When a look found service, terminal and login in order last. */
  get lastGood(): EpochMs | null {
    return this.#lastGood;
  }

  /** Milliseconds since then, by a clock that never jumps. */
  get goodAgeMs(): number {
    return this.#options.clock.monotonic() - this.#goodAt;
  }

  async #look(): Promise<void> {
    const probe = await this.#options.probe();
    if (!this.#isOn) return;
    const { clock } = this.#options;
    this.#judge(probe);
    const { state } = this.#options.state();
    const pause = state === 'down' && probe.trouble !== undefined ? DOWN_EVERY_MS : LOOK_EVERY_MS;
    this.#next = clock.at(clock.now() + Math.max(0, pause - probe.tookMs), () => void this.#look());
  }

  #judge(probe: Probe): void {
    const before = this.#last;
    this.#last = probe;
    this.#took = [...this.#took, probe.tookMs].slice(-TIMED);
    this.#options.send({ type: 'CHECKED' });
    if (probe.trouble === undefined) this.#answered(probe, before);
    else this.#missed(probe.trouble);
  }

  #missed(trouble: Trouble): void {
    this.#failed += 1;
    this.#good = 0;
    if (this.#failed >= IN_A_ROW) this.#options.send({ type: 'LOST', ...trouble });
  }

  #answered(probe: Probe, before: Probe | undefined): void {
    const { send, state, lost, clock } = this.#options;
    this.#failed = 0;
    this.#lastGood = clock.now();
    this.#goodAt = clock.monotonic();
    if (probe.killed !== state().killed) send({ type: probe.killed ? 'KILLED' : 'RELEASED' });
    if (before?.trouble !== undefined) send({ type: 'RETURNED' });
    const trouble = lost(probe);
    if (trouble === undefined) this.#judgeQuality();
    else send({ type: 'LOST', ...trouble });
  }

  #judgeQuality(): void {
    const { send, state, degraded } = this.#options;
    const trouble = this.#slow() ?? degraded();
    this.#bad = trouble === undefined ? 0 : this.#bad + 1;
    this.#good = trouble === undefined ? this.#good + 1 : 0;
    if (trouble !== undefined && this.#bad >= IN_A_ROW) send({ type: 'DEGRADED', ...trouble });
    else if (state().state === 'degraded' && this.#good >= IN_A_ROW) send({ type: 'RECOVERED' });
  }

  /** By the middle of the last looks: one slow answer is nothing. */
  #slow(): Trouble | undefined {
    const usual = this.#took.toSorted((a, b) => a - b)[Math.floor(this.#took.length / 2)] ?? 0;
    if (this.#took.length < IN_A_ROW || usual <= SLOW_MS) return undefined;
    return { link: 'service', cause: `it answers in ${Math.round(usual)} ms, over the limit of ${SLOW_MS} ms` };
  }
}
