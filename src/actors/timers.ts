/** An author's timers on engine time: every so often from the epoch, or at a time of day in a zone. */
import type { Cancel, Clock } from '../clock.ts';
import type { EpochMs } from '../domain/time.ts';
import { nextTimeOfDay } from '../risk/trading-day.ts';
import type { WireTimer } from '../worker/protocol.ts';

/** Arms all timers; the returned function disarms them. */
export function armTimers(timers: readonly WireTimer[], clock: Clock, fire: (name: string) => void): Cancel {
  const cancels = new Map<string, Cancel>();
  const arm = (timer: WireTimer): void => {
    const cancel = clock.at(nextTime(timer, clock.now()), () => {
      arm(timer);
      fire(timer.name);
    });
    cancels.set(timer.name, cancel);
  };
  timers.forEach(arm);
  return () => cancels.forEach((cancel) => cancel());
}

function nextTime({ everyMs, at, zone }: WireTimer, now: EpochMs): EpochMs {
  if (everyMs !== undefined) return (Math.floor(now / everyMs) + 1) * everyMs;
  return nextTimeOfDay(at!, zone ?? 'UTC', now);
}
