/** When an account is looked at, over looks that fail within. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { Looks, type Looker } from '../../src/venues/mt5/looks.ts';

const KNOWN = { known: true, value: undefined } as const;

/** Looks on a clock of their own. Each kind throws the first so many times. */
function scene(failing: { look?: number; glance?: number }) {
  const clock = new VirtualClock();
  const made = { looks: 0, glances: 0 };
  const looker: Looker = {
    isIdle: () => false,
    glance: () => {
      made.glances += 1;
      return made.glances <= (failing.glance ?? 0) ? Promise.reject(new Error('glance')) : Promise.resolve(false);
    },
    look: () => {
      made.looks += 1;
      return made.looks <= (failing.look ?? 0) ? Promise.reject(new Error('look')) : Promise.resolve(KNOWN);
    },
    wants: () => undefined,
    tick: () => {},
  };
  const looks = new Looks(clock, looker, 1000);
  const pass = async (ms: number): Promise<void> => {
    const until = clock.now() + ms;
    while (clock.nextDue() <= until) {
      clock.runNext();
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.setNow(until);
  };
  return { looks, made, pass };
}

describe('looks at an account', () => {
  it('go on after one that throws', async () => {
    const { looks } = scene({ look: 1 });
    await expect(looks.look()).rejects.toThrow('look');
    expect(await looks.look()).toEqual(KNOWN);
  });

  it('are made for one who waits while another one throws', async () => {
    const { looks } = scene({ look: 1 });
    const [first, second] = await Promise.allSettled([looks.look(), looks.look()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('come again a second after one that throws, and in passing each second', async () => {
    const { looks, made, pass } = scene({ look: 2, glance: 2 });
    looks.start();
    await pass(2500);
    expect(made).toEqual({ looks: 3, glances: 2 });
    await pass(2000);
    expect(made).toEqual({ looks: 3, glances: 4 });
    looks.stop();
  });
});
