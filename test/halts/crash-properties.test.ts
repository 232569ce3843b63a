import { describe, expect, it } from 'vitest';
import { createPrng, type Prng } from '../../src/domain/prng.ts';
import { DeskScene, rule, settled, type Strategy } from './desk-scene.ts';

const RUNS = 40;
const STEPS = 60;
const EVENING = Date.UTC(2024, 0, 10, 22);
const DAY_MS = 86_400_000;
const RULES = [rule('maxDrawdown', '0.1', { basis: 'peak' }), rule('maxDailyLoss', 600, { autoResume: 'nextDay' })];
const BOOK = [rule('maxDrawdown', '0.08', { basis: 'peak' }), rule('maxDailyLoss', 900, { autoResume: 'nextDay' })];

/** What has been announced as in force, by strategy. */
type Announced = ReadonlyMap<string, readonly string[]>;

class Crashing {
  readonly #scene: DeskScene;
  readonly #prng: Prng;
  #price = 1000;
  #announced: Announced = new Map();
  /** Nothing that lifts a halt has begun since the last look. */
  #quiet = true;
  readonly seen = { crashes: 0, kept: 0, tripped: 0, lifted: 0 };

  constructor(scene: DeskScene, prng: Prng) {
    this.#scene = scene;
    this.#prng = prng;
  }

  async step(): Promise<void> {
    const draw = this.#below(100);
    const strategy = this.#strategies()[this.#below(2)]!;
    if (draw < 45) this.#quote();
    else if (draw < 61) strategy.trade(this.#below(3) === 0 ? 'SELL' : 'BUY', 1 + this.#below(6));
    else if (draw < 62)
      void strategy.runtime.halts.halt({ rule: 'manual', scope: 'strategy', reason: 'look', by: 't' });
    else if (draw < 63) void this.#scene.book.halt({ reason: 'look', by: 't' });
    else if (draw < 72) this.#resume(strategy);
    else if (draw < 78) await this.#dieInResume(strategy);
    else if (draw < 80) this.#midnight();
    else if (draw < 90) await settled();
    else if (draw < 95) await this.#rest();
    else await this.#crash();
  }

  /** In the midst of whatever goes on; what was handed to the disk last is on it. */
  async #crash(): Promise<void> {
    this.#look();
    const [quiet, announced] = [this.#quiet, this.#announced];
    await this.#scene.restart();
    this.seen.crashes += 1;
    for (const { name, causes } of this.#strategies())
      if (quiet)
        expect(causes.map(({ causeId }) => causeId)).toEqual(expect.arrayContaining([...announced.get(name)!]));
    this.#quote(0);
    this.#judge();
    await this.#rest();
  }

  async #rest(): Promise<void> {
    await this.#scene.rest();
    this.#judge();
    for (const { causes, runtime, state } of this.#strategies()) {
      const told = runtime.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId);
      expect(told.toSorted(), 'what the machine knows').toEqual(causes.map(({ causeId }) => causeId).toSorted());
      expect(state).toBe(told.length > 0 ? 'halted' : 'trading');
      this.seen.kept += told.length;
    }
    this.#look();
  }

  /** A rule that is breached is in force; one that is not judged is, too. */
  #judge(): void {
    for (const { runtime } of this.#strategies()) {
      const { halts, risk } = runtime;
      expect(halts.rulesInForce).toEqual(expect.arrayContaining(Object.keys(risk.save().tripped)));
      expect(risk.preview('none', halts.rulesInForce).wouldTrip).toEqual([]);
      this.seen.tripped += halts.rulesInForce.length;
    }
    for (const { rule: name } of this.#scene.book.preview('none').wouldTrip)
      if (name.startsWith('book.'))
        for (const { causes } of this.#strategies()) expect(causes.map((cause) => cause.rule)).toContain(name);
  }

  #look(): void {
    this.#announced = new Map(
      this.#strategies().map(({ name, runtime }) => [
        name,
        runtime.actor.snapshot().context.haltCauses.map(({ causeId }) => causeId),
      ]),
    );
    this.#quiet = this.#strategies().every(({ runtime, causes }) =>
      runtime.actor
        .snapshot()
        .context.haltCauses.every(({ causeId }) => causes.some((cause) => cause.causeId === causeId)),
    );
  }

  #resume(strategy: Strategy): void {
    const rebase = (['none', 'peak', 'day'] as const)[this.#below(3)]!;
    const request = { by: 't', reason: 'looked at it', rebase };
    const lift: Promise<unknown> =
      this.#below(2) === 0 ? this.#scene.book.resume(request) : strategy.runtime.halts.resume(request);
    lift.then(
      () => (this.seen.lifted += 1),
      () => undefined,
    );
  }

  async #dieInResume(strategy: Strategy): Promise<void> {
    this.#resume(strategy);
    await settled();
    await this.#crash();
  }

  #midnight(): void {
    const { clock } = this.#scene;
    this.#scene.jumpTo((Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS);
  }

  #quote(move = (this.#prng.next() - 0.5) * (this.#below(6) === 0 ? 250 : 20)): void {
    this.#price = Math.round(Math.min(1500, Math.max(500, this.#price + move)));
    this.#scene.quote(this.#price);
  }

  #strategies(): readonly Strategy[] {
    return [...this.#scene.strategies.values()];
  }

  #below(n: number): number {
    return Math.floor(this.#prng.next() * n);
  }
}

describe('after a crash at any moment', () => {
  it('a rule that is breached is in force, no announced halt is lost, and machine and record agree', async () => {
    const total = { crashes: 0, kept: 0, tripped: 0, lifted: 0 };
    for (let seed = 1; seed <= RUNS; seed++) {
      const scene = await DeskScene.open({
        strategies: ['a', 'b'],
        halt: RULES,
        book: BOOK,
        start: EVENING,
        syncMs: 5,
        seed,
      });
      const crashing = new Crashing(scene, createPrng(`crash:${seed}`));
      try {
        for (let step = 0; step < STEPS; step++) await crashing.step();
      } catch (cause) {
        throw new Error(`seed ${seed}`, { cause });
      }
      for (const { runtime } of scene.strategies.values()) runtime.dispose();
      scene.book.close();
      for (const [what, times] of Object.entries(crashing.seen)) total[what as keyof typeof total] += times;
    }
    for (const [what, times] of Object.entries(total)) expect(times, what).toBeGreaterThan(10);
  }, 120_000);
});
