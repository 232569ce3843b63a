import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryWatch } from '../../src/worker/memory-watch.ts';
import { MB, type MemoryLimit } from '../../src/worker/memory-limits.ts';
import { ThreadGauge } from '../../src/worker/thread-gauge.ts';

/** A thread whose figures the test sets. */
class Thread {
  readonly gauge = new ThreadGauge();
  readonly limits = { heapMb: 100, allMb: 300 };
  /** Milliseconds; undefined: the system does not tell. */
  hasRun: number | undefined = 0;
  ended: MemoryLimit | undefined;

  ran(): number | undefined {
    return this.hasRun;
  }

  end(limit: MemoryLimit): void {
    this.ended = limit;
  }

  beat(heap = 10, outside = 0): void {
    this.gauge.beat({ heap: heap * MB, held: heap * MB, outside: outside * MB });
  }

  run(ms = 90): void {
    this.hasRun = (this.hasRun ?? 0) + ms;
  }
}

describe("what is seen of threads' memory from outside", () => {
  let processMb: number;
  let isTold: boolean;
  let watch: MemoryWatch;
  let one: Thread;
  let other: Thread;

  beforeEach(() => {
    processMb = 500;
    isTold = true;
    watch = new MemoryWatch(() => (isTold ? processMb * MB : undefined));
    [one, other] = [new Thread(), new Thread()];
    for (const thread of [one, other]) {
      watch.add(thread);
      thread.beat();
    }
    watch.look();
  });

  /** The code of these does not return, and has its thread. */
  const spin = (...threads: readonly Thread[]): void => {
    for (const thread of threads) thread.run();
    watch.look();
  };

  it.each([
    { heap: 100, outside: 0, ended: undefined },
    { heap: 101, outside: 0, ended: 'heap' },
    { heap: 100, outside: 200, ended: undefined },
    { heap: 100, outside: 201, ended: 'all' },
  ])('a thread that says $heap MB and $outside MB outside is ended for $ended', ({ heap, outside, ended }) => {
    one.beat(heap, outside);
    watch.look();
    expect([one.ended, other.ended]).toEqual([ended, undefined]);
  });

  it('what the process grows by counts for a busy thread that says nothing, with what it said last', () => {
    one.beat(10, 90);
    watch.look();
    processMb += 200;
    spin(one);
    spin(one);
    expect(one.ended).toBe(undefined);
    processMb += 1;
    spin(one);
    spin(one);
    expect([one.ended, other.ended]).toEqual(['all', undefined]);
  });

  it('a thread that waits is not what grows, however long it says nothing', () => {
    processMb += 1000;
    for (let look = 0; look < 50; look++) watch.look();
    expect(one.ended).toBe(undefined);
  });

  it('a thread that has little of the processor is not what grows', () => {
    processMb += 1000;
    for (let look = 0; look < 5; look++) {
      one.run(3);
      watch.look();
    }
    expect(one.ended).toBe(undefined);
  });

  it('growth from before a beat counts no more', () => {
    processMb += 1000;
    one.beat();
    spin(one);
    processMb += 200;
    spin(one);
    spin(one);
    expect(one.ended).toBe(undefined);
  });

  it('what others say that they use explains the growth', () => {
    for (let mb = 10; mb <= 100; mb += 10) {
      const deployed = new Thread();
      watch.add(deployed);
      deployed.beat(50, 50);
      processMb += 100;
      other.beat(mb);
      spin(one);
    }
    spin(one);
    expect([one.ended, other.ended]).toEqual([undefined, undefined]);
  });

  it('of two that say nothing the later one is ended, and the first is judged anew', () => {
    for (let look = 0; look < 5; look++) {
      other.beat();
      spin(one);
    }
    processMb += 400;
    for (let look = 0; look < 3; look++) spin(one, other);
    expect([one.ended, other.ended]).toEqual([undefined, 'all']);
    processMb += 400;
    for (let look = 0; look < 3; look++) spin(one);
    expect(one.ended).toBe('all');
  });

  it('memory that is given back is no growth when it is taken again', () => {
    processMb += 200;
    spin(one);
    processMb -= 200;
    spin(one);
    processMb += 200;
    spin(one);
    spin(one);
    expect(one.ended).toBe(undefined);
    processMb += 100;
    spin(one);
    spin(one);
    expect(one.ended).toBe('all');
  });

  it('a thread is watched from its first beat on: until then the daemon starts it', () => {
    const started = new Thread();
    watch.add(started);
    for (let look = 0; look < 20; look++) {
      processMb += 100;
      for (const thread of [one, other]) thread.beat();
      spin(started);
    }
    expect(started.ended).toBe(undefined);
  });

  it('where the system does not tell who runs, it is the one that has said nothing for a second', () => {
    for (const thread of [one, other]) thread.hasRun = undefined;
    processMb += 1000;
    for (let look = 0; look < 9; look++) {
      watch.look();
      other.beat();
    }
    expect(one.ended).toBe(undefined);
    watch.look();
    expect([one.ended, other.ended]).toEqual(['all', undefined]);
  });

  it('one that is past the limit is ended at the next look when it was on the way there at the last', () => {
    processMb += 200;
    spin(one);
    processMb += 200;
    spin(one);
    expect([one.ended, other.ended]).toEqual(['all', undefined]);
  });

  it('while the system tells nothing, what a thread says of itself counts alone', () => {
    isTold = false;
    one.beat(101);
    for (let look = 0; look < 5; look++) spin(other);
    expect([one.ended, other.ended]).toEqual(['heap', undefined]);
    isTold = true;
    spin(other);
    processMb += 400;
    spin(other);
    spin(other);
    expect(other.ended).toBe('all');
  });

  it('one that has ended is watched no more', () => {
    watch.remove(one);
    processMb += 1000;
    for (let look = 0; look < 3; look++) spin(one, other);
    expect(one.ended).toBe(undefined);
    expect(watch.isEmpty).toBe(true);
  });
});
