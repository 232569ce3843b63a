/** What the strategy machine asks for, done: each of its promises and actions on the parts of one strategy. */
import { fromPromise } from 'xstate';
import type { Clock } from '../clock.ts';
import type { GuestLife } from './guest-life.ts';
import type { Halts } from './halts.ts';
import type { Logger } from './log-sink.ts';
import { abandon, type OnHang } from './on-hang.ts';
import { leftOfBoth } from './left-behind.ts';
import { cancelEntries, flatten } from './stop-steps.ts';
import type { StrategyPorts } from './strategy-actor.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { Cancelled, DeadlineInput, DrainInput, Recovered } from './strategy-events.ts';

export interface PortParts {
  readonly book: StrategyBook;
  /** The wall clock. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly guest: GuestLife;
  readonly halts: Halts;
  /** Of the definition that runs. */
  readonly onHang: () => OnHang;
  /** Is a stop under way? It flattens by itself, if it was asked to. */
  readonly stops: () => boolean;
  readonly openGate: () => void;
}

interface Step {
  readonly input: DeadlineInput;
  readonly signal: AbortSignal;
}

export function strategyPorts(parts: PortParts): StrategyPorts {
  const { book, clock, guest } = parts;
  return {
    actors: {
      launch: fromPromise<unknown, DeadlineInput>(({ signal }) => guest.launch(signal)),
      recover: fromPromise<Recovered, DeadlineInput>(() => recover(parts)),
      cancelEntries: fromPromise((step: Step) => cancel(parts, step)),
      flatten: fromPromise(({ input, signal }: Step) => flatten(book, clock, input.deadline, signal)),
      drain: fromPromise(({ input }: { input: DrainInput }) => guest.drain(input)),
      abandon: fromPromise(({ input, signal }: Step) =>
        abandon({ ...parts, policy: parts.onHang() }, input.deadline, signal),
      ),
    },
    actions: {
      closeGate: () => book.desk.closeGate(),
      openGate: parts.openGate,
      terminateGuest: () => guest.end(),
    },
  };
}

/** Halts are told once they are on disk, here as well. */
async function recover({ book, halts }: PortParts): Promise<Recovered> {
  const haltCauses = halts.causes;
  await book.commits.settle();
  return { haltCauses };
}

/** A halt that asks for it closes positions as well. */
async function cancel({ book, clock, halts, stops }: PortParts, { input, signal }: Step): Promise<Cancelled> {
  const done = await cancelEntries(book, clock, input.deadline, signal);
  if (!halts.asksToFlatten || stops()) return done;
  const { left } = await flatten(book, clock, input.deadline, signal);
  return { ...done, left: leftOfBoth(done.left, left) };
}
