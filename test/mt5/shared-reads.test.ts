/** Reads that several share, where one of them throws. */
import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { SharedReads } from '../../src/venues/mt5/shared-reads.ts';

it('a shared read that throws fails for those who wait for it, and is made anew for the next one', async () => {
  const reads = new SharedReads(new VirtualClock());
  let made = 0;
  const read = (): Promise<{ known: true; value: number }> =>
    ++made === 1 ? Promise.reject(new Error('boom')) : Promise.resolve({ known: true, value: made });
  const both = await Promise.allSettled([reads.get('/account', 500, read), reads.get('/account', 500, read)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await reads.get('/account', 500, read)).toEqual({ known: true, value: 2 });
  expect(await reads.get('/account', 500, read)).toEqual({ known: true, value: 2 });
  expect(made).toBe(2);
});
