import { expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.ts';
import { OperationRegistry, type Outcome } from '../../src/http/operations.ts';

const DONE: Outcome = { status: 200, result: {} };

it('keeps a thousand operations, and lets go of finished ones first', async () => {
  const registry = new OperationRegistry(new VirtualClock());
  const start = (execute: () => Promise<Outcome>): string =>
    registry.run({ name: 'stop', strategy: 'a', by: 'owner', args: {}, execute }).id;
  const running = start(() => new Promise(() => undefined));
  const first = start(() => Promise.resolve(DONE));
  await Promise.resolve();
  for (let i = 0; i < 998; i++) start(() => Promise.resolve(DONE));
  await Promise.resolve();
  expect(registry.get(running)).toBeDefined();
  start(() => Promise.resolve(DONE));
  expect(registry.get(first)).toBeUndefined();
  expect(registry.get(running)).toMatchObject({ done: false });
});
