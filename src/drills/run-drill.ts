/** One drill, from the twin's start to its end: a quiet time, the fault, the mending, the verdict. */
import type { EpochMs } from '../domain/time.ts';
import { asQktError, QktError } from '../errors.ts';
import { neighbourLateness, type Periods } from './lateness.ts';
import { Metronome } from './metronome.ts';
import { targetSource } from './strategies.ts';
import { Twin, type TwinOptions } from './twin.ts';
import type { Drill, DrillResult, NeighbourLateness } from './types.ts';
import { pause, until } from './until.ts';
import { judge } from './verdict.ts';
import { isNotOk, isOk } from './watch.ts';
import { isHalted, stopWatching, watchTwin, type Watches } from './watches.ts';

/** The neighbour's ticks of this time are what those under the fault are compared with. */
const QUIET_MS = 2_500;
/** How long a fault that is mended from outside is left in force once all is known of it. */
const IN_FORCE_MS = 1_500;
/** Beyond the times expected: a drill that is late still says by how much. */
const PATIENCE_MS = 5_000;
const READY_MS = 30_000;

export interface DrillOptions extends TwinOptions {
  /** Nothing else is measured meanwhile: then how late the neighbour's ticks are means something. */
  readonly alone: boolean;
}

/** Goes through a drill. Nothing is left of it. @throws the signal's reason; QktError when the twin does not work */
export async function runDrill(drill: Drill, options: DrillOptions): Promise<DrillResult> {
  const startedAt = options.clock.now();
  const twin = await Twin.start(options, drill.venue);
  const metronome = options.alone ? new Metronome() : undefined;
  let watches: Watches | undefined;
  try {
    const ports = await twin.deploy(targetSource(twin.trigger, drill));
    watches = watchTwin(drill, twin, ports, options.clock);
    return await new Course({ drill, twin, watches, metronome, options, startedAt }).result();
  } finally {
    if (watches !== undefined) stopWatching(watches);
    await metronome?.stop();
    await twin.close();
  }
}

interface CourseOptions {
  readonly drill: Drill;
  readonly twin: Twin;
  readonly watches: Watches;
  readonly metronome: Metronome | undefined;
  readonly options: DrillOptions;
  readonly startedAt: EpochMs;
}

/** What is done one after the other, on a twin that is watched. */
class Course {
  readonly #drill: Drill;
  readonly #twin: Twin;
  readonly #watches: Watches;
  readonly #metronome: Metronome | undefined;
  readonly #options: DrillOptions;
  readonly #startedAt: EpochMs;

  constructor({ drill, twin, watches, metronome, options, startedAt }: CourseOptions) {
    this.#drill = drill;
    this.#twin = twin;
    this.#watches = watches;
    this.#metronome = metronome;
    this.#options = options;
    this.#startedAt = startedAt;
  }

  async result(): Promise<DrillResult> {
    const { clock, signal } = this.#options;
    await this.#quiet();
    const faultAt = await this.#drill.inject(this.#twin);
    let mendedAt = faultAt;
    const trouble: string[] = [];
    try {
      await this.#untilKnown(faultAt);
      mendedAt = await this.#mend(faultAt);
      await this.#resume();
      await this.#untilReady(mendedAt);
    } catch (error) {
      signal.throwIfAborted();
      trouble.push(asQktError(error).message);
    }
    const endedAt = clock.now();
    const { health, ready, status, surface, alerts, neighbourHealth } = this.#watches;
    return judge(this.#drill, {
      startedAt: this.#startedAt,
      faultAt,
      mendedAt,
      endedAt,
      health: health.samples,
      ready: ready.samples,
      status: status.samples,
      surface: surface.samples,
      alerts: alerts.samples,
      neighbourHealth: neighbourHealth.samples,
      neighbour: await this.#lateness({ quietFrom: faultAt - QUIET_MS, faultAt, endedAt }),
      trouble,
    });
  }

  /** All is well for a while. @throws QktError when it is not */
  async #quiet(): Promise<void> {
    const { ready, neighbourHealth } = this.#watches;
    await this.#expect('ready', READY_MS, () =>
      [ready, neighbourHealth].every(({ samples }) => samples.length > 0 && isOk(samples.at(-1)!)),
    );
    await pause(this.#options.clock, QUIET_MS);
  }

  /** Until the fault is known in every way that is expected of it, or the time for that is over. */
  async #untilKnown(faultAt: EpochMs): Promise<void> {
    const { detectedMs, gateClosedMs, haltedMs, alertedMs } = this.#drill.expect;
    const { surface, ready, status, alerts } = this.#watches;
    const isKnown = (): boolean =>
      surface.first(faultAt, isNotOk) !== undefined &&
      (gateClosedMs === null || ready.first(faultAt, isNotOk) !== undefined) &&
      (haltedMs === null || status.first(faultAt, ({ seen }) => seen) !== undefined) &&
      (alertedMs === null || alerts.first(faultAt, ({ seen }) => seen) !== undefined);
    const withinMs = Math.max(detectedMs, gateClosedMs ?? 0, haltedMs ?? 0, alertedMs ?? 0) + PATIENCE_MS;
    await until({ ...this.#options, withinMs }, isKnown);
  }

  /** @returns when it was mended: by hand, or when the target's loop ran again by itself */
  async #mend(faultAt: EpochMs): Promise<EpochMs> {
    const { health } = this.#watches;
    const { mend, expect } = this.#drill;
    if (mend !== undefined) {
      await pause(this.#options.clock, IN_FORCE_MS);
      return mend({ twin: this.#twin, reaches: (state, withinMs) => this.#reaches(state, withinMs) });
    }
    const lost = health.first(faultAt, isNotOk) ?? faultAt;
    await this.#expect('restarted', expect.recoveredMs + PATIENCE_MS, () => health.first(lost, isOk) !== undefined);
    return health.first(lost, isOk)!;
  }

  /** Lifts the halt that is left, as an operator would. */
  async #resume(): Promise<void> {
    if (!isHalted(await this.#twin.targetStatus())) return;
    await this.#reaches('halted', READY_MS);
    await this.#twin.resumeTarget('the drill is over');
  }

  async #untilReady(mendedAt: EpochMs): Promise<void> {
    const withinMs = this.#drill.expect.recoveredMs + PATIENCE_MS;
    await until({ ...this.#options, withinMs }, () => this.#watches.ready.first(mendedAt, isOk) !== undefined);
  }

  async #lateness(periods: Periods): Promise<NeighbourLateness | null> {
    // Ticks carry the time of day: where that jumps they tell nothing.
    if (this.#metronome === undefined || this.#drill.fault === 'clock-jump') return null;
    return neighbourLateness(await this.#twin.neighbourLog(), this.#metronome.late, periods);
  }

  async #reaches(state: string, withinMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    const deadline = clock.monotonic() + withinMs;
    for (;;) {
      signal.throwIfAborted();
      const now = (JSON.parse(await this.#twin.targetStatus()) as { readonly state: string }).state;
      if (now === state) return;
      if (clock.monotonic() > deadline) throw tooLate(`${state} (it is ${now})`, withinMs);
      await pause(clock, 20);
    }
  }

  async #expect(what: string, withinMs: number, isTrue: () => boolean): Promise<void> {
    if (!(await until({ ...this.#options, withinMs }, isTrue))) throw tooLate(what, withinMs);
  }
}

const tooLate = (what: string, withinMs: number): QktError =>
  new QktError('QKT_E_TIMEOUT', `the target was not ${what} within ${withinMs} ms`);
