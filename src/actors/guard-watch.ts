/** Which guards of a machine said no last, and to which event. */
import type { Clock } from '../clock.ts';
import { iso } from '../domain/time.ts';
import type { RefusalView } from '../domain/machine-views.ts';

type Guard = (args: { readonly event: { readonly type: string } }, params: unknown) => boolean;

/** One for each guard and event: bounded by the machine itself. */
export class GuardWatch {
  readonly #clock: Clock;
  readonly #refusals = new Map<string, RefusalView>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The guards, told apart from before only by what is noted of them. */
  around(guards: Readonly<Record<string, unknown>>, nameOf: (event: string) => string): Record<string, Guard> {
    const watched = (name: string, guard: Guard): Guard => {
      return (args, params) => {
        const passes = guard(args, params);
        if (!passes) this.#note(name, nameOf(args.event.type));
        return passes;
      };
    };
    return Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, watched(name, guard as Guard)]));
  }

  /** Newest first. */
  refusals(): readonly RefusalView[] {
    return [...this.#refusals.values()].toReversed();
  }

  #note(guard: string, event: string): void {
    // Comes ten times a second, and is asked of no guard for its own sake.
    if (event === 'PROGRESS') return;
    const key = `${event} ${guard}`;
    this.#refusals.delete(key);
    this.#refusals.set(key, { event, guard, ts: iso(this.#clock.now()) });
  }
}
