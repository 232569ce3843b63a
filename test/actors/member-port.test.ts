/** A strategy's port from its start to some time after its stop. */
import { expect, it } from 'vitest';
import { MemberPort } from '../../src/actors/member-port.ts';
import { VirtualClock } from '../../src/clock.ts';

const readers = { name: 'readers', size: 0, capacity: 1, dropped: 0 };

function scene(): { clock: VirtualClock; port: MemberPort; asked: (number | undefined)[]; closed: number[] } {
  const clock = new VirtualClock(0);
  const asked: (number | undefined)[] = [];
  const closed: number[] = [];
  const port = new MemberPort(clock, (preferred) => {
    asked.push(preferred);
    const number = preferred ?? 48_000;
    return Promise.resolve({
      port: number,
      readers: () => readers as never,
      close: () => Promise.resolve(void closed.push(number)),
    });
  });
  return { clock, port, asked, closed };
}

it('goes on answering for fifteen seconds, and is no target meanwhile', async () => {
  const { clock, port, closed } = scene();
  await port.open();
  expect([port.number, port.target]).toEqual([48_000, 48_000]);
  port.drain();
  clock.advanceBy(14_999);
  expect([port.number, port.target, closed]).toEqual([48_000, null, []]);
  clock.advanceBy(1);
  expect([port.number, closed]).toEqual([null, [48_000]]);
});

it('stays open when it is opened anew meanwhile, however often the strategy was stopped', async () => {
  const { clock, port, closed, asked } = scene();
  await port.open();
  port.drain();
  clock.advanceBy(1000);
  port.drain();
  await port.open();
  clock.advanceBy(60_000);
  expect([port.number, port.target, asked, closed]).toEqual([48_000, 48_000, [undefined], []]);
});

it('asks for the port of before', async () => {
  const { port, asked } = scene();
  await port.open();
  await port.close();
  await port.open();
  expect([asked, port.number]).toEqual([[undefined, 48_000], 48_000]);
});
