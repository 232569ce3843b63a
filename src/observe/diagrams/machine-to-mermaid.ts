/** A state machine as Mermaid `stateDiagram-v2` text. One transition is one line; the order is the definition's. */
import type { AnyStateMachine } from 'xstate';
import {
  flatStates,
  labelText,
  staysText,
  machineChart,
  type Chart,
  type ChartEdge,
  type ChartState,
} from './machine-chart.ts';

const ANY = 'any_state';

/**
 * @param active Dotted paths of the states to mark (`stopping`, `stopping.cancelling`); none for the chart alone.
 */
export function machineToMermaid(machine: AnyStateMachine, active: readonly string[] = []): string {
  const chart = machineChart(machine);
  const lines = [
    'stateDiagram-v2',
    ...anyState(chart),
    ...chart.states.flatMap((state) => stateLines(state, chart, '  ')),
    ...chart.edges.filter((edge) => !isInner(edge, chart)).map((edge) => `  ${edgeLine(edge)}`),
    ...marks(chart, active),
  ];
  return `${lines.join('\n')}\n`;
}

function stateLines(state: ChartState, chart: Chart, indent: string): string[] {
  const id = idOf(state.path);
  const start = state.initial ? [`${indent}[*] --> ${id}`] : [];
  const end = state.final ? [`${indent}${id} --> [*]`] : [];
  if (state.children.length === 0) {
    return [...start, `${indent}state "${state.name}" as ${id}`, ...body(state).map((line) => `${indent}${id} : ${line}`), ...end];
  }
  const inner = `${indent}  `;
  return [
    ...start,
    `${indent}state "${state.name}" as ${id} {`,
    ...state.children.flatMap((child) => stateLines(child, chart, inner)),
    ...chart.edges.filter((edge) => enclosing(edge) === state.path).map((edge) => `${inner}${edgeLine(edge)}`),
    `${indent}}`,
    `${indent}note right of ${id}`,
    ...body(state).map((line) => `${inner}${line}`),
    `${indent}end note`,
  ];
}

/** What a state promises and does while it lasts. */
function body(state: ChartState): string[] {
  return [
    ...(state.description === '' ? [] : [state.description]),
    ...(state.tags.length === 0 ? [] : [`tags ${state.tags.join(', ')}`]),
    ...(state.entry.length === 0 ? [] : [`entry / ${state.entry.join(', ')}`]),
    ...state.invokes.map((name) => `runs ${name}`),
    ...state.stays.map(staysText),
  ].map(plain);
}

function anyState(chart: Chart): string[] {
  const stays = chart.everywhere.map((label) => `  ${ANY} : ${plain(staysText(label))}`);
  const leaves = chart.edges.some((edge) => edge.from === null);
  return stays.length > 0 || leaves ? [`  state "any state that does not say otherwise" as ${ANY}`, ...stays] : [];
}

/** The compound state that holds both ends of an edge, if there is one. */
function enclosing({ from, to }: ChartEdge): string | null {
  if (from === null || !from.includes('.') || !to.includes('.')) return null;
  const outer = from.slice(0, from.lastIndexOf('.'));
  return to.startsWith(`${outer}.`) ? outer : null;
}

const isInner = (edge: ChartEdge, chart: Chart): boolean =>
  enclosing(edge) !== null && flatStates(chart.states).some((state) => state.path === enclosing(edge));

function edgeLine(edge: ChartEdge): string {
  return `${edge.from === null ? ANY : idOf(edge.from)} --> ${idOf(edge.to)} : ${plain(labelText(edge))}`;
}

function marks(chart: Chart, active: readonly string[]): string[] {
  const marked = flatStates(chart.states).filter((state) => active.includes(state.path));
  if (marked.length === 0) return [];
  return [
    '  classDef active fill:#2f9e44,stroke:#1b5e2a,stroke-width:3px,color:#ffffff',
    '  classDef activeOuter fill:#e3f5e7,stroke:#1b5e2a,stroke-width:3px,color:#1f2430',
    ...marked.map(({ path, children }) => `  class ${idOf(path)} ${children.length === 0 ? 'active' : 'activeOuter'}`),
  ];
}

const idOf = (path: string): string => path.replaceAll(/[^A-Za-z0-9]/g, '_');

/** Mermaid ends a label at a colon, a semicolon or a hash. */
const plain = (text: string): string => text.replaceAll(/:\s*/g, ' – ').replaceAll(';', ',').replaceAll('#', 'no. ');
