/** A machine for tools: its states with what they promise and who may leave them, and every transition. */
import type { AnyStateMachine } from 'xstate';
import { leaving, type InvariantColumn } from './invariants.ts';
import { flatStates, machineChart } from './machine-chart.ts';

export function machineToJson(machine: AnyStateMachine, about: string, columns: readonly InvariantColumn[]): string {
  const chart = machineChart(machine);
  const labels = [...chart.edges, ...chart.everywhere, ...flatStates(chart.states).flatMap(({ stays }) => stays)];
  const sorted = (values: readonly (string | null)[]): readonly string[] =>
    [...new Set(values.filter((value) => value !== null))].toSorted();
  const document = {
    machine: chart.name,
    about,
    events: sorted(labels.map(({ event }) => event)),
    guards: sorted(labels.map(({ guard }) => guard)),
    delays: sorted(labels.map(({ event }) => event).filter((event) => event.startsWith('after '))),
    states: flatStates(chart.states).map((state) => ({
      path: state.path,
      initial: state.initial,
      final: state.final,
      promises: state.description,
      ...Object.fromEntries(columns.map(({ title, cell }) => [title, cell(state)])),
      tags: state.tags,
      entry: state.entry,
      runs: state.invokes,
      stays: state.stays,
      leaves: leaving(state, chart).map(({ event, guard, to }) => ({ event, guard, to })),
    })),
    transitions: chart.edges,
    everywhere: chart.everywhere,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
