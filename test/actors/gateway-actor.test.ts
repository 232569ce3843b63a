import { expect, it } from 'vitest';
import { GatewayActor } from '../../src/actors/gateway-actor.ts';
import { LinkError } from '../../src/actors/gateway-events.ts';
import { VirtualClock } from '../../src/clock.ts';
import { settle } from './strategy-harness.ts';

it('has been away since it was lost, however often it is tried', async () => {
  const clock = new VirtualClock(50_000);
  let answers = true;
  const step = (): Promise<void> =>
    answers ? Promise.resolve() : Promise.reject(new LinkError('service', 'it does not answer'));
  const seen: string[] = [];
  const actor = new GatewayActor({
    name: 'mt5',
    clock,
    steps: { connect: () => Promise.resolve(), verify: step, reconcile: step },
    onTransition: (_, to) => seen.push(to),
    onFault: () => {},
  });
  const pass = async (ms: number): Promise<void> => {
    for (const end = clock.now() + ms; clock.now() < end; clock.advanceBy(500)) await settle();
    await settle();
  };
  actor.start();
  await pass(1000);
  expect([actor.state, actor.since]).toEqual(['ready', 50_000]);

  answers = false;
  const lostAt = clock.now();
  actor.send({ type: 'LOST', cause: 'no answer', link: 'terminal' });
  await pass(60_000);
  expect(seen.filter((state) => state === 'down').length).toBeGreaterThan(3);
  expect([actor.state, actor.since]).toEqual(['down', lostAt]);

  answers = true;
  await pass(60_000);
  expect(actor.state).toBe('ready');
  expect(actor.since).toBeGreaterThan(lostAt + 60_000);
  actor.close();
});
