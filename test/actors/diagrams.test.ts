import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { activeStates } from '../../src/actors/machine-view.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { machineChart } from '../../src/observe/diagrams/machine-chart.ts';
import { machineToMermaid } from '../../src/observe/diagrams/machine-to-mermaid.ts';
import { MACHINES } from '../../src/observe/diagrams/machines.ts';
import { placeChart } from '../../src/observe/diagrams/svg-layout.ts';
import { diagramFiles, outdated } from '../../src/observe/diagrams/diagram-files.ts';

const FOLDER = fileURLToPath(new URL('../../diagrams', import.meta.url));

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('diagrams', () => {
  let temp: string;
  beforeAll(async () => {
    temp = await mkdtemp(join(tmpdir(), 'qkt-diagrams-'));
  });
  afterAll(() => rm(temp, { recursive: true, force: true }));

  it('are current: run npm run diagrams when this fails', async () => {
    expect(await outdated(FOLDER, await diagramFiles(FOLDER))).toEqual([]);
  });

  it('are the same every time they are made', async () => {
    expect(await diagramFiles(FOLDER)).toEqual(await diagramFiles(FOLDER));
  });

  it('are named when they differ, are missing, or belong to no machine', async () => {
    await writeFile(join(temp, 'a.mmd'), 'old');
    await writeFile(join(temp, 'stranger.svg'), '');
    const files = new Map([
      ['a.mmd', 'new'],
      ['b.mmd', 'text'],
    ]);
    expect(await outdated(temp, files)).toEqual(['a.mmd', 'b.mmd', 'stranger.svg']);
  });

  it('change in one line of one text when one transition changes', () => {
    const base = strategyMachine.config;
    const before = machineToMermaid(createMachine(base as never)).split('\n');
    const states = base.states as Record<string, { on?: object }>;
    const warming = {
      ...states.warming,
      on: { ...states.warming!.on, WARMED: { target: 'halted', actions: 'warmed' } },
    };
    const changed = machineToMermaid(createMachine({ ...base, states: { ...states, warming } } as never)).split('\n');
    expect(changed).toHaveLength(before.length);
    expect(changed.filter((line, n) => line !== before[n])).toEqual(['  warming --> halted : WARMED / warmed']);
  });

  it('mark the active states, inner and outer', () => {
    const text = machineToMermaid(strategyMachine, activeStates({ stopping: 'cancelling' }));
    expect(text).toContain('  class stopping activeOuter\n');
    expect(text).toContain('  class stopping_cancelling active\n');
    expect(machineToMermaid(strategyMachine)).not.toContain('classDef');
  });

  it('show events, guards, actions, delays, invoked actors and what is refused', () => {
    const machine = setup({
      guards: { ready: () => true },
      actions: { note: () => {} },
      delays: { soon: 1500 },
    }).createMachine({
      id: 'sample',
      initial: 'a',
      states: {
        a: {
          entry: 'note',
          tags: ['calm'],
          description: 'First: begins; here.',
          after: { soon: 'b', 250: { actions: 'note' } },
          on: { GO: { guard: 'ready', target: 'b', actions: 'note' }, NO: {} },
        },
        b: { type: 'final' },
      },
    });
    expect(machineToMermaid(machine)).toBe(
      [
        'stateDiagram-v2',
        '  [*] --> a',
        '  state "a" as a',
        '  a : First – begins, here.',
        '  a : tags calm',
        '  a : entry / note',
        '  a : ignores NO',
        '  a : takes after 250 ms / note',
        '  state "b" as b',
        '  b --> [*]',
        '  a --> b : GO [ready] / note',
        '  a --> b : after soon (1.5 s)',
        '',
      ].join('\n'),
    );
  });
});

describe.each(Object.entries(MACHINES))('the picture of %s', (_name, { machine }) => {
  it('has no label over a label or over a state, and an edge for every pair of states', async () => {
    const chart = machineChart(machine);
    const { states, edges, anyState } = await placeChart(chart);
    const leaves: Box[] = states.filter(({ state }) => state.children.length === 0);
    const labels = edges.flatMap(({ label }) => (label === null ? [] : [label]));
    const boxes = [...leaves, ...labels, ...(anyState === null ? [] : [anyState])];
    const clashes = boxes.flatMap((a, n) => boxes.slice(n + 1).filter((b) => overlap(a, b)));
    expect(clashes).toEqual([]);
    expect(edges.every(({ points }) => points.length >= 2)).toBe(true);
    expect(labels).toHaveLength(new Set(chart.edges.map(({ from, to }) => `${from} ${to}`)).size);
  });

  it('draws every transition once in the text', () => {
    const lines = machineToMermaid(machine).split('\n');
    const chart = machineChart(machine);
    expect(lines.filter((line) => line.includes(' --> ') && line.includes(' : '))).toHaveLength(chart.edges.length);
    expect(lines.join('\n')).not.toContain('inline');
  });
});
