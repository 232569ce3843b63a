import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MACHINES } from '../../src/observe/diagrams/machines.ts';
import { LINKS, PARTS } from '../../src/observe/diagrams/system.ts';

const at = (file: string): URL => new URL(`../../${file}`, import.meta.url);
const machines = PARTS.filter(({ kind }) => kind === 'machine');
/** Events from outside; FAULT comes from the wrapper around every machine. */
const eventsOf = (name: string): readonly string[] => {
  const events: readonly string[] = MACHINES[name]!.machine.events;
  return events.filter((event) => !event.startsWith('xstate.') && event !== 'FAULT').toSorted();
};

describe('the system of actors in diagrams/README.md', () => {
  it('has every machine that is drawn, and parts that are there', () => {
    expect(machines.map(({ name }) => name).toSorted()).toEqual(Object.keys(MACHINES).toSorted());
    expect(PARTS.filter(({ file }) => !existsSync(at(file)))).toEqual([]);
    const names = new Set(PARTS.map(({ name }) => name));
    expect(LINKS.filter(({ from, to }) => !names.has(from) || !names.has(to))).toEqual([]);
  });

  it.each(machines.map(({ name }) => name))('says every event that %s takes, and no other', (name) => {
    const said = LINKS.filter(({ to }) => to === name).flatMap(({ messages }) => messages);
    const events = said.filter((message) => /^[A-Z_]+$/.test(message));
    expect([...new Set(events)].toSorted()).toEqual(eventsOf(name));
  });

  it('leaves no part alone', () => {
    const spoken = new Set(LINKS.flatMap(({ from, to }) => [from, to]));
    expect(PARTS.filter(({ name }) => !spoken.has(name))).toEqual([]);
  });

  it('lets code say only events that its file, or those beside it that it uses, have in them', () => {
    /** A file and what it uses of its folder, two steps far. */
    const near = (file: URL, steps = 2): string => {
      const text = readFileSync(file, 'utf8');
      if (steps === 0) return text;
      const used = [...text.matchAll(/from '(\.\/[\w-]+\.ts)'/g)].map(([, path]) => new URL(path!, file));
      return [text, ...used.map((url) => near(url, steps - 1))].join('\n');
    };
    for (const { from, to, messages } of LINKS) {
      const part = PARTS.find(({ name }) => name === from)!;
      if (part.kind !== 'code' || MACHINES[to] === undefined) continue;
      const text = near(at(part.file));
      const unknown = messages.filter((message) => /^[A-Z_]+$/.test(message) && !text.includes(`'${message}'`));
      expect({ from, to, unknown }).toEqual({ from, to, unknown: [] });
    }
  });
});
