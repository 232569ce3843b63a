/** What each state of a chart promises, as a table: derived from the definition, never written by hand. */
import { flatStates, type Chart, type ChartEdge, type ChartState } from './machine-chart.ts';

/** A column beyond those that every machine has. */
export interface InvariantColumn {
  readonly title: string;
  readonly cell: (state: ChartState) => string;
}

/** Edges that lead out of a state: its own, those of the states around it, those of any state. */
export function leaving({ path }: ChartState, chart: Chart): readonly ChartEdge[] {
  const holds = (from: string | null): boolean => from === null || path === from || path.startsWith(`${from}.`);
  const own = new Set(chart.edges.filter(({ from }) => from === path).map(({ event }) => event));
  return chart.edges.filter(
    ({ from, to, event }) =>
      holds(from) && to !== path && !path.startsWith(`${to}.`) && (from === path || !own.has(event)),
  );
}

/** `halting: HALT; stopping: STOP`. */
function leavesText(state: ChartState, chart: Chart): string {
  const byTarget = new Map<string, Set<string>>();
  for (const { to, event, guard } of leaving(state, chart)) {
    const events = byTarget.get(to) ?? new Set();
    byTarget.set(to, events.add(guard === null ? event : `${event} [${guard}]`));
  }
  if (byTarget.size === 0) return 'nobody: it is the end';
  return [...byTarget].map(([to, events]) => `**${to}**: ${[...events].join(', ')}`).join('; ');
}

/** Of the states that one can be in: those that hold others are told by them. */
export function invariantTable(chart: Chart, columns: readonly InvariantColumn[]): readonly string[] {
  const titles = ['state', 'what it promises', ...columns.map(({ title }) => title), 'who may leave it, and whereto', 'tags'];
  const rows = flatStates(chart.states).map((state) => [
    `\`${state.path}\``,
    state.description,
    ...columns.map(({ cell }) => cell(state)),
    leavesText(state, chart),
    state.tags.map((tag) => `\`${tag}\``).join(' '),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)];
}
