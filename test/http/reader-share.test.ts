import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { HISTORY_SHARE, ReaderShare } from '../../src/http/reader-share.ts';

const advance = (clock: VirtualClock, ms: number): void => clock.advanceTo(clock.now() + ms);

/** A share whose every turn takes `ms` of the clock's time. */
function scene(of?: number) {
  const clock = new VirtualClock(0);
  const share = new ReaderShare(clock, of);
  const signal = new AbortController();
  const work = (ms: number): void => share.spend(() => advance(clock, ms));
  return { clock, share, signal, work };
}

/** How much of the next `ms` readers work, if they always have something to do. */
async function worked(ms: number, { clock, share, signal, work }: ReturnType<typeof scene>): Promise<number> {
  const end = clock.now() + ms;
  let spent = 0;
  while (clock.now() < end) {
    await hasTurn(share, signal, clock);
    work(1);
    spent += 1;
  }
  return spent;
}

/** Lets the clock run until it is a reader's turn. */
async function hasTurn(share: ReaderShare, { signal }: AbortController, clock: VirtualClock): Promise<void> {
  const waiting = { over: false };
  void share.turn(signal).then(() => (waiting.over = true));
  for (await settle(); !waiting.over; await settle()) advance(clock, 1);
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

describe('the share of the main thread that followers of events have', () => {
  it('is less than a tenth of the time, however much there is to read', async () => {
    const one = scene();
    await worked(5_000, one);
    expect(await worked(10_000, one)).toBeLessThan(1_000);
    expect(await worked(10_000, one)).toBeGreaterThan(500);
  });

  it('is larger for those who look into the past, and still leaves most of the time to trading', async () => {
    const one = scene(HISTORY_SHARE);
    await worked(5_000, one);
    const spent = await worked(10_000, one);
    expect(spent).toBeLessThan(3_500);
    expect(spent).toBeGreaterThan(2_000);
  });

  it('may be saved up, so that a reader who comes back has a history soon, and not without end', async () => {
    const one = scene();
    advance(one.clock, 3_600_000);
    expect(await worked(60, one)).toBeGreaterThan(50);
    expect(await worked(1_000, one)).toBeLessThan(100);
  });

  it('ends the wait of a reader who goes', async () => {
    const { share, signal, work } = scene();
    work(1_000);
    const turn = share.turn(signal.signal);
    signal.abort();
    await expect(turn).resolves.toBeUndefined();
  });

  it('counts work that throws', async () => {
    const { share, signal, clock } = scene();
    expect(() =>
      share.spend(() => {
        advance(clock, 1_000);
        throw new Error('gone');
      }),
    ).toThrow('gone');
    let isTurn = false;
    void share.turn(signal.signal).then(() => (isTurn = true));
    await settle();
    expect(isTurn).toBe(false);
    advance(clock, 60_000);
    await settle();
    expect(isTurn).toBe(true);
  });
});
