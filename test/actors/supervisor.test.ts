import { afterAll, describe, expect, it } from 'vitest';
import { createMachine, fromPromise } from 'xstate';
import { VirtualClock } from '../../src/clock.ts';
import { createSupervisorActor } from '../../src/actors/supervisor-actor.ts';
import type { StrategyActorOptions } from '../../src/actors/strategy-actor.ts';
import type { DeadlineInput, Recovered } from '../../src/actors/strategy-events.ts';
import { supervisorMachine } from '../../src/actors/supervisor.ts';
import type { strategyMachine } from '../../src/actors/strategy.ts';
import { EVENTS, settle } from './strategy-harness.ts';
import { TransitionCoverage } from './transition-coverage.ts';

const coverage = new TransitionCoverage();

interface Promised {
  resolve(): void;
  reject(error: Error): void;
}

function startSupervisor() {
  const clock = new VirtualClock(10_000);
  const promised: Record<string, Promised> = {};
  const deadlines: number[] = [];
  const hold = (name: string): Promise<void> =>
    new Promise((resolve, reject) => {
      promised[name] = { resolve, reject };
    });
  const daemon = createSupervisorActor({
    clock,
    onFault: () => undefined,
    ports: {
      actors: {
        open: fromPromise<unknown, void>(() => hold('open')),
        close: fromPromise<unknown, DeadlineInput>(({ input }) => {
          deadlines.push(input.deadline);
          return hold('close');
        }),
      },
    },
  });
  daemon.ref.system.inspect(coverage.inspect);
  const strategy = (name: string): StrategyActorOptions => ({
    input: { name, clock },
    ports: {
      actors: {
        launch: fromPromise<unknown, DeadlineInput>(() => hold(`launch ${name}`)),
        recover: fromPromise<Recovered, DeadlineInput>(() => new Promise(() => {})),
      },
      actions: { closeGate: () => {}, openGate: () => {}, terminateGuest: () => {} },
    },
  });
  const open = async (): Promise<void> => {
    promised.open!.resolve();
    await settle();
  };
  return { clock, daemon, promised, deadlines, strategy, open };
}

describe('the supervisor', () => {
  afterAll(() => {
    expect(coverage.missing(supervisorMachine)).toEqual([]);
  });

  it('opens, runs, closes within its deadline and ends', async () => {
    const { clock, daemon, promised, deadlines, open } = startSupervisor();
    expect(daemon.state()).toBe('starting');
    await open();
    expect(daemon.state()).toBe('running');
    expect(daemon.view()).toMatchObject({ machine: 'supervisor', value: 'running', tags: ['takesDeploys'] });
    daemon.shutdown(4000);
    expect(daemon.state()).toBe('stopping');
    expect(deadlines).toEqual([clock.now() + 4000]);
    promised.close!.resolve();
    await daemon.ended;
    expect(daemon.state()).toBe('stopped');
  });

  it('ends when closing fails, hangs, or meets a fault', async () => {
    const failing = startSupervisor();
    failing.daemon.shutdown(4000);
    failing.promised.close!.reject(new Error('stuck'));
    await failing.daemon.ended;
    expect(failing.daemon.ref.getSnapshot().context.lastError?.message).toBe('stuck');

    const hanging = startSupervisor();
    hanging.daemon.shutdown(4000);
    hanging.clock.advanceBy(4000);
    await hanging.daemon.ended;

    const faulty = startSupervisor();
    faulty.daemon.shutdown(4000);
    faulty.daemon.ref.send(EVENTS.FAULT);
    await faulty.daemon.ended;
  });

  it('closes what was opened when opening fails, and says why', async () => {
    for (const breakIt of [
      async (s: ReturnType<typeof startSupervisor>) => {
        s.promised.open!.reject(new Error('locked'));
        await settle();
      },
      (s: ReturnType<typeof startSupervisor>) => Promise.resolve(s.daemon.ref.send(EVENTS.FAULT)),
    ]) {
      const supervisor = startSupervisor();
      await breakIt(supervisor);
      expect(supervisor.daemon.state()).toBe('stopping');
      expect(supervisor.daemon.ref.getSnapshot().context.lastError).not.toBeNull();
    }
  });

  it('holds strategies as children by name, refuses a name twice, and reaps them', async () => {
    const { daemon, promised, strategy, open } = startSupervisor();
    const early = daemon.spawn(strategy('early'));
    await open();
    const one = daemon.spawn(strategy('one'));
    expect(() => daemon.spawn(strategy('one'))).toThrow('one is deployed already');
    one.send(EVENTS.START);
    promised['launch one']!.resolve();
    await settle();
    expect(one.state()).toBe('recovering');
    expect(one.view().history.map(({ event }) => event)).toEqual(['START', 'launch done']);
    expect(early.view().history).toEqual([]);
    one.dispose();
    expect(Object.keys(daemon.ref.getSnapshot().children)).toEqual(['early']);
    expect(one.ref.getSnapshot().status).toBe('stopped');
    expect(daemon.spawn(strategy('one')).state()).toBe('stopped');
  });

  it('deploys nothing once it is closing', async () => {
    const { daemon, strategy, open } = startSupervisor();
    await open();
    daemon.shutdown(1000);
    expect(() => daemon.spawn(strategy('late'))).toThrow('the daemon is stopping');
  });

  it('notes a child that dies all the same, and goes on; so it does after a fault of its own', async () => {
    const { daemon, clock, open } = startSupervisor();
    await open();
    const fragile = createMachine({
      on: {
        DIE: {
          actions: () => {
            throw new Error('dead');
          },
        },
      },
    });
    daemon.ref.send({
      type: 'SPAWN',
      id: 'fragile',
      logic: fragile as unknown as typeof strategyMachine,
      input: { name: 'fragile', clock },
    });
    const child = (daemon.ref.getSnapshot().children as Record<string, { send(event: object): void }>).fragile!;
    child.send({ type: 'DIE' });
    daemon.ref.send(EVENTS.FAULT);
    expect(daemon.state()).toBe('running');
    expect(daemon.ref.getSnapshot().context.lost).toEqual(['fragile']);
  });
});
