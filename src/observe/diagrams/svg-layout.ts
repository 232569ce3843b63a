/** Where everything of a chart stands in the picture: text is measured, ELK places boxes, edges and labels. */
import elk, { type ElkExtendedEdge, type ElkLabel, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { staysText, type Chart, type ChartEdge, type ChartState } from './machine-chart.ts';

/** A line of text in a box. `title` and `prose` are proportional, `code` is monospaced. */
export interface TextLine {
  readonly kind: 'title' | 'prose' | 'code' | 'tags';
  readonly text: string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface PlacedState extends Box {
  readonly state: ChartState;
  readonly lines: readonly TextLine[];
}
export interface PlacedEdge {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: (Box & { readonly lines: readonly string[] }) | null;
}
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  /** The dot before an initial state. */
  readonly starts: readonly Box[];
  readonly anyState: (Box & { readonly lines: readonly TextLine[] }) | null;
  readonly edges: readonly PlacedEdge[];
}

export const LINE_HEIGHT = 16;
export const BOX_PADDING = 10;
export const LABEL_PADDING = 3;
const CODE_WIDTH = 6.7;
const PROSE_WIDTH = 7.1;
const TITLE_WIDTH = 9;
const BOX_COLUMNS = 34;
const LABEL_COLUMNS = 30;
const ANY = '(any)';
const START = '(start)';

const LAYOUT = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '11',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.labelLabel': '8',
  'elk.spacing.labelNode': '12',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '15',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '11',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.padding': '[top=24,left=24,bottom=24,right=24]',
};

export async function placeChart(chart: Chart): Promise<Placed> {
  const texts = new Map<string, readonly TextLine[]>();
  const children = chart.states.flatMap((state) => elkState(state, texts));
  const anyLines = anyStateLines(chart);
  if (anyLines.length > 0) children.unshift({ id: ANY, ...boxSize(anyLines) });
  const grouped = groupEdges(chart.edges);
  const graph = await new elk.default().layout({
    id: chart.name,
    layoutOptions: LAYOUT,
    children,
    edges: [...startEdges(chart.states), ...grouped.map(elkEdge)],
  });
  return collect(graph, chart, texts, anyLines);
}

function elkState(state: ChartState, texts: Map<string, readonly TextLine[]>): ElkNode[] {
  const lines = stateLines(state);
  texts.set(state.path, lines);
  const start = state.initial ? [{ id: startOf(state), width: 12, height: 12 }] : [];
  if (state.children.length === 0) return [...start, { id: state.path, ...boxSize(lines) }];
  const { width, height } = boxSize(lines);
  return [
    ...start,
    {
      id: state.path,
      layoutOptions: {
        'elk.padding': `[top=${height + 16},left=20,bottom=20,right=20]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${width}, ${height})`,
      },
      children: state.children.flatMap((child) => elkState(child, texts)),
    },
  ];
}

const startOf = (state: ChartState): string => `${START} ${state.path}`;

function startEdges(states: readonly ChartState[]): ElkExtendedEdge[] {
  return states.flatMap((state) => [
    ...(state.initial ? [{ id: `start of ${state.path}`, sources: [startOf(state)], targets: [state.path] }] : []),
    ...startEdges(state.children),
  ]);
}

interface EdgeGroup {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
}

/** One line in the picture for all transitions between two states; the text chart keeps them apart. */
function groupEdges(edges: readonly ChartEdge[]): EdgeGroup[] {
  const groups = new Map<string, ChartEdge[]>();
  for (const edge of edges) {
    const key = `${edge.from ?? ANY} → ${edge.to}`;
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()].map((group) => ({
    from: group[0]!.from ?? ANY,
    to: group[0]!.to,
    lines: labelLines(group),
  }));
}

/** Events by guard: `launch failed · after launchTimeout (30 s)`, then the guard that they share. */
function labelLines(edges: readonly ChartEdge[]): string[] {
  const byGuard = new Map<string, string[]>();
  for (const { event, guard } of edges) {
    const key = guard === null ? '' : `[${guard}]`;
    byGuard.set(key, [...(byGuard.get(key) ?? []), event]);
  }
  return [...byGuard].flatMap(([guard, events]) => wrapWords([...new Set(events)], ' · ', guard));
}

function wrapWords(events: readonly string[], separator: string, suffix: string): string[] {
  const lines: string[] = [];
  for (const part of suffix === '' ? events : [...events, suffix]) {
    const last = lines.at(-1);
    const joined = `${last}${part === suffix ? ' ' : separator}${part}`;
    if (last === undefined || joined.length > LABEL_COLUMNS) lines.push(part);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

function elkEdge({ from, to, lines }: EdgeGroup): ElkExtendedEdge {
  const width = Math.max(...lines.map((line) => line.length)) * CODE_WIDTH + 2 * LABEL_PADDING;
  const height = lines.length * LINE_HEIGHT + 2 * LABEL_PADDING;
  return {
    id: `${from} → ${to}`,
    sources: [from],
    targets: [to],
    labels: [{ text: lines.join('\n'), width, height, layoutOptions: { 'elk.edgeLabels.inline': 'true' } }],
  };
}

function stateLines(state: ChartState): TextLine[] {
  return [
    { kind: 'title', text: state.name },
    ...wrapText(state.description, BOX_COLUMNS).map((text) => ({ kind: 'prose' as const, text })),
    ...(state.tags.length === 0 ? [] : [{ kind: 'tags' as const, text: state.tags.join(' ') }]),
    ...codeLines([
      ...(state.entry.length === 0 ? [] : [`entry / ${state.entry.join(', ')}`]),
      ...state.invokes.map((name) => `runs ${name}`),
      ...state.stays.map(staysText),
    ]),
  ];
}

function anyStateLines(chart: Chart): TextLine[] {
  const stays = codeLines(chart.everywhere.map(staysText));
  if (stays.length === 0 && chart.edges.every((edge) => edge.from !== null)) return [];
  return [{ kind: 'title', text: 'any state' }, { kind: 'prose', text: 'that does not say otherwise' }, ...stays];
}

const codeLines = (texts: readonly string[]): TextLine[] =>
  texts.flatMap((text) =>
    wrapText(text, BOX_COLUMNS).map((line, n) => ({ kind: 'code' as const, text: n === 0 ? line : `  ${line}` })),
  );

function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((one) => one !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const WIDTH_OF = { title: TITLE_WIDTH, prose: PROSE_WIDTH, code: CODE_WIDTH, tags: CODE_WIDTH + 1 } as const;

export function boxSize(lines: readonly TextLine[]): { readonly width: number; readonly height: number } {
  const width = Math.max(...lines.map(({ kind, text }) => text.length * WIDTH_OF[kind]));
  return {
    width: Math.ceil(Math.max(110, width + 2 * BOX_PADDING)),
    height: lines.length * LINE_HEIGHT + 2 * BOX_PADDING,
  };
}

function collect(
  graph: ElkNode,
  chart: Chart,
  texts: ReadonlyMap<string, readonly TextLine[]>,
  anyLines: readonly TextLine[],
): Placed {
  const nodes = flatNodes(graph);
  const find = (id: string): Box => boxOf(nodes.find((node) => node.id === id)!);
  const place = (state: ChartState): PlacedState[] => [
    { state, lines: texts.get(state.path)!, ...find(state.path) },
    ...state.children.flatMap(place),
  ];
  return {
    ...boxOf(graph),
    states: chart.states.flatMap(place),
    starts: nodes.filter((node) => node.id.startsWith(START)).map(boxOf),
    anyState: anyLines.length === 0 ? null : { ...find(ANY), lines: anyLines },
    edges: (graph.edges ?? []).map(placeEdge),
  };
}

const flatNodes = (node: ElkNode): ElkNode[] => (node.children ?? []).flatMap((child) => [child, ...flatNodes(child)]);

const boxOf = ({ x, y, width, height }: ElkNode | ElkLabel): Box => ({
  x: x ?? 0,
  y: y ?? 0,
  width: width ?? 0,
  height: height ?? 0,
});

function placeEdge({ sections, labels }: ElkExtendedEdge): PlacedEdge {
  const label = labels?.[0];
  return {
    points: (sections ?? []).flatMap(({ startPoint, bendPoints, endPoint }) => [
      startPoint,
      ...(bendPoints ?? []),
      endPoint,
    ]),
    label: label === undefined ? null : { ...boxOf(label), lines: (label.text ?? '').split('\n') },
  };
}
