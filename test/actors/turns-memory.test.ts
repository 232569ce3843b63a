import { describe, expect, it } from 'vitest';
import { Turns, type TurnHost } from '../../src/actors/turns.ts';
import type { WireItem } from '../../src/worker/protocol.ts';

const tick = (stream: string, ts: number): WireItem => ({ kind: 'tick', now: ts, stream, ts, bid: ts, ask: ts });

/** Answers the first turn only when it is told to, and keeps what it is given. */
function slowHost(): TurnHost & { readonly seen: (readonly WireItem[])[]; answer: () => void } {
  const host = {
    seen: [] as (readonly WireItem[])[],
    answer: () => {},
    turn(items: readonly WireItem[]) {
      host.seen.push(items);
      const done = { consumed: items.length, intents: [], logs: [] };
      if (host.seen.length > 1) return done;
      return new Promise<typeof done>((resolve) => (host.answer = () => resolve(done)));
    },
  };
  return host;
}

describe('turns while a guest does not answer', () => {
  it('keep one quote of each stream, whatever passes by', async () => {
    const host = slowHost();
    const turns = new Turns({
      state: () => ({ balance: '0', realized: '0', positions: [], orders: [] }),
      apply: () => {},
      failed: (error) => expect.unreachable(String(error)),
      behind: (limit) => new Error(`more than ${limit}`),
    });
    turns.attach(host);
    turns.enqueue({ kind: 'probe', now: 0 });
    turns.pump();
    for (let ts = 1; ts <= 3000; ts++) turns.enqueue(tick(['a', 'b', 'c'][ts % 3]!, ts));
    host.answer();
    await turns.settled();

    const [, items] = host.seen;
    expect(items!.map((item) => (item.kind === 'tick' ? [item.stream, item.ts] : item.kind))).toEqual([
      ['b', 2998],
      ['c', 2999],
      ['a', 3000],
    ]);
    expect(Math.max(...items!.map(({ quotes = [] }) => quotes.length))).toBeLessThan(3);
    const { conflated, conflatedByStream } = turns.inbox;
    expect([conflated, ...conflatedByStream.values()]).toEqual([2997, 999, 999, 999]);
  });
});
