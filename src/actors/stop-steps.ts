/**
 * What a stop and a halt do at the venue, step by step: each asks, looks whether it has happened,
 * and asks again until it has or its deadline is there. None of them waits for the author's code.
 */
import type { Clock } from '../clock.ts';
import { orderLeft } from './left-behind.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { Cancelled, Flattened } from './strategy-events.ts';

/** How long to wait before looking again, in milliseconds of the wall clock. */
const LOOK_AGAIN_MS = 25;
/** How long before its deadline a step ends, at most. */
const SAYS_WITHIN_MS = 100;
/** Looks between two attempts to close what a venue has refused to close. */
const ASK_AGAIN_AFTER = 10;

/** A look that is repeated until it is content, the deadline has passed or the state was left. */
async function until(
  clock: Clock,
  deadline: number,
  signal: AbortSignal,
  content: (look: number) => boolean,
): Promise<boolean> {
  // In time to say what is left: at the deadline itself nobody listens any more.
  const last = deadline - Math.min(SAYS_WITHIN_MS, (deadline - clock.now()) / 4);
  for (let look = 0; !signal.aborted; look++) {
    if (content(look)) return true;
    if (clock.now() >= last) return false;
    await new Promise<void>((resolve) => clock.at(clock.now() + LOOK_AGAIN_MS, resolve));
  }
  return false;
}

/** Cancels working entries and waiting layers until the venue has confirmed each. */
export async function cancelEntries(
  book: StrategyBook,
  clock: Clock,
  deadline: number,
  signal: AbortSignal,
): Promise<Cancelled> {
  const before = book.desk.takenBack;
  const withdraw = withdrawal(book);
  await until(clock, deadline, signal, () => {
    withdraw();
    return book.desk.workingEntries().length === 0;
  });
  const left = new Set(book.desk.workingEntries());
  const orders = book.desk.orders().filter(({ id }) => left.has(id));
  return { cancelled: book.desk.takenBack - before, left: orders.map(orderLeft) };
}

/** Takes back entries, each once: the author's code may still ask for some that reduce, which the gate lets pass. */
function withdrawal({ desk }: StrategyBook): () => void {
  let asked: ReadonlySet<string> | undefined;
  return () => {
    const working = desk.workingEntries();
    if (asked === undefined || working.some((id) => !asked!.has(id))) desk.cancelEntries('entries are closed');
    asked = new Set(working);
  };
}

/** Closes every position and looks at the ledger until it is flat and nothing works any more. */
export async function flatten(
  book: StrategyBook,
  clock: Clock,
  deadline: number,
  signal: AbortSignal,
): Promise<Flattened> {
  const withdraw = withdrawal(book);
  const flat = await until(clock, deadline, signal, (look) => {
    withdraw();
    if (book.ledger.positions().length > 0 && look % ASK_AGAIN_AFTER === 0) book.desk.flatten();
    return book.ledger.positions().length === 0 && book.desk.orders().length === 0;
  });
  const positions = book.ledger.positions().map(({ symbol, qty }) => `position ${symbol} ${qty.toString()}`);
  const orders = book.desk.orders().map(orderLeft);
  return { flat, left: [...positions, ...orders] };
}
