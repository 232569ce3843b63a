/** The parts of the daemon as a picture and as Mermaid text. */
import type { Chart, ChartState } from './machine-chart.ts';
import { LINKS, PARTS, type SystemPart } from './system.ts';

/** As a chart, so that it is laid out and drawn as the machines are. */
export function systemChart(): Chart {
  return {
    name: 'system',
    states: PARTS.map(toState),
    edges: LINKS.flatMap(({ from, to, messages }) =>
      messages.map((event) => ({ from: idOf(from), to: idOf(to), event, guard: null, actions: [], note: null })),
    ),
    everywhere: [],
  };
}

function toState({ name, kind, does }: SystemPart): ChartState {
  return {
    path: idOf(name),
    name,
    parent: null,
    initial: false,
    final: false,
    description: does,
    tags: [kind],
    entry: [],
    invokes: [],
    stays: [],
    children: [],
  };
}

export function systemMermaid(): string {
  const shape = ({ name, kind, does }: SystemPart): string => {
    const text = `"${name}<br/>${does}"`;
    return kind === 'machine' ? `([${text}])` : kind === 'outside' ? `[/${text}/]` : `[${text}]`;
  };
  return [
    'flowchart TB',
    ...PARTS.map((part) => `  ${idOf(part.name)}${shape(part)}`),
    ...LINKS.map(({ from, to, messages }) => `  ${idOf(from)} -- "${messages.join(', ')}" --> ${idOf(to)}`),
    '',
  ].join('\n');
}

const idOf = (name: string): string => name.replaceAll(/[^a-z]/g, '_');
