/** What is proven of each machine, written down beside its picture: `npm run diagrams` renews `diagrams/proofs/`. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { getNextSnapshot, type AnyMachineSnapshot } from 'xstate';
import { activeStates, eventName } from '../../src/actors/machine-view.ts';
import { strategyMachine } from '../../src/actors/strategy.ts';
import { flatStates, machineChart } from '../../src/observe/diagrams/machine-chart.ts';
import { MACHINES } from '../../src/observe/diagrams/machines.ts';
import { MODELS } from './models.ts';
import { INVARIANTS } from './strategy-invariants.ts';
import { strategyWalks, type Step as StrategyStep } from './strategy-walks.ts';
import { allTransitions } from './transition-coverage.ts';
import { shortestWalks, type Step } from './walks.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`../../diagrams/proofs/${name}.md`, import.meta.url));

/** Of a strategy's steps that share a type. */
function labelOf(step: StrategyStep & { readonly [member: string]: unknown }): string {
  const { type, flatten, scope, reason, output } = step;
  const cause = step['cause'] as { readonly scope?: string } | string | undefined;
  const isBook = scope === 'book' || (typeof cause === 'object' && cause.scope === 'book');
  const isHalted =
    typeof output === 'object' &&
    output !== null &&
    'haltCauses' in output &&
    (output.haltCauses as unknown[]).length > 0;
  const remark =
    flatten === true ? 'flatten' : isBook ? 'book' : reason === ' ' ? 'no reason' : isHalted ? 'halted' : '';
  return remark === '' ? eventName(type) : `${eventName(type)} (${remark})`;
}

/** `trading: HALT → halting` of a key such as `trading HALT [] → halting`. */
function inWords(key: string): string {
  const [, source, event, guard, target] = /^(\S*) (.*) \[(.*)\] → (.*)$/.exec(key)!;
  const condition = guard === '' ? '' : ` [${guard}]`;
  const name = event === '' ? 'always' : eventName(event!);
  return `${source === '' ? 'any state' : source}: ${name}${condition} → ${target === '' ? 'stays' : target}`;
}

interface Proof {
  readonly how: string;
  readonly invariants: readonly string[];
  readonly ways: ReadonlyMap<string, readonly string[]>;
  /** Transitions that no walk takes, and why. */
  readonly apart: ReadonlyMap<string, string>;
}

function text({ how, invariants, ways, apart }: Proof): string {
  const total = ways.size + apart.size;
  return [
    `What is proven: ${ways.size} of ${total} transitions walked, ${invariants.length} invariants held at every step`,
    '',
    how,
    '',
    ...invariants.map((invariant) => `- ${invariant}`),
    '',
    '| transition | shortest way from the start |',
    '|---|---|',
    ...[...ways].map(([key, steps]) => `| ${inWords(key)} | ${steps.join(', ')} |`),
    ...[...apart].map(([key, why]) => `| ${inWords(key)} | ${why} |`),
    '',
  ].join('\n');
}

const FAULT = { type: 'FAULT', error: { code: 'QKT_E_INTERNAL', message: 'fault' } };

const GENERAL: Readonly<Record<string, (snapshot: AnyMachineSnapshot, states: ReadonlySet<string>) => void>> = {
  'it is active, or in a final state': ({ status, value }) =>
    expect({ status, value }).not.toMatchObject({ status: 'error' }),
  'it is in states of its chart, each with what it promises': ({ value }, states) =>
    expect(activeStates(value).filter((path) => !states.has(path))).toEqual([]),
  'a FAULT leads to a state of its chart, and never stops it': (snapshot, states) => {
    if (snapshot.status !== 'active') return;
    const after = getNextSnapshot(snapshot.machine, snapshot, FAULT) as AnyMachineSnapshot;
    expect(after.status).not.toBe('error');
    expect(activeStates(after.value).filter((path) => !states.has(path))).toEqual([]);
  },
};

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

describe.each(Object.entries(MODELS))('what is proven of %s', (name, model) => {
  it('is what diagrams/proofs says: run npm run diagrams when this fails', async () => {
    const states = new Set(
      flatStates(machineChart(model.machine).states).flatMap(({ path, description }) =>
        description === '' ? [] : [path],
      ),
    );
    const walks = shortestWalks(model, (snapshot) => {
      for (const holds of Object.values(GENERAL)) holds(snapshot, states);
    });
    const labels = (steps: readonly Step[]): readonly string[] =>
      steps.map(({ type, label }) => label ?? eventName(type));
    const missing = [...new Set(allTransitions(model.machine))].filter((key) => !walks.has(key));
    const proof: Proof = {
      how: 'Walked over the definition itself, event by event, delays and the ends of what it runs included. That every transition is also taken by the real actor is held by the tests of its behaviour. Held at every step:',
      invariants: Object.keys(GENERAL),
      ways: new Map([...walks].map(([key, { steps }]) => [key, labels(steps)] as const).toSorted(byText)),
      apart: new Map(
        missing.map((key) => [key, 'on the real actor only, by the tests of its behaviour'] as const).toSorted(byText),
      ),
    };
    await expect(text(proof)).toMatchFileSnapshot(fileOf(name));
  });
});

describe('what is proven of strategy', () => {
  it('is what diagrams/proofs says: run npm run diagrams when this fails', async () => {
    const walks = strategyWalks();
    const missing = [...new Set(allTransitions(strategyMachine))].filter((key) => !walks.has(key));
    const proof: Proof = {
      how: 'Generated from the definition and replayed on the real actor under the virtual clock, delays, failures and faults included. Held after every step:',
      invariants: Object.keys(INVARIANTS),
      ways: new Map([...walks].map(([key, { steps }]) => [key, steps.map(labelOf)] as const).toSorted(byText)),
      apart: new Map(
        missing.map((key) => [key, 'by a start of the daemon that restores it as failed; a test of its own'] as const),
      ),
    };
    await expect(text(proof)).toMatchFileSnapshot(fileOf('strategy'));
  });

  it('is told of every machine that is drawn', () => {
    expect([...Object.keys(MODELS), 'strategy'].toSorted()).toEqual(Object.keys(MACHINES).toSorted());
  });
});
