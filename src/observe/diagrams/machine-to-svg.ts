/**
 * A state machine as an SVG picture, laid out when it is generated. Transitions between the same two
 * states share a line; the Mermaid text has each of them, with its actions.
 */
import type { AnyStateMachine } from 'xstate';
import { machineChart, type Chart, type ChartState } from './machine-chart.ts';
import {
  BOX_PADDING,
  boxSize,
  LABEL_PADDING,
  LINE_HEIGHT,
  placeChart,
  type Placed,
  type PlacedEdge,
  type PlacedState,
  type TextLine,
} from './svg-layout.ts';

/** How a state is tinted: by the first of its tags that is listed. */
export type Tone = 'open' | 'held' | 'ended';

/** Colours of both schemes, light first; viewers without media queries show the light one. */
const STYLE = `
text{font-family:"DejaVu Sans",Verdana,"Segoe UI",sans-serif;font-size:12px;fill:#1f2430}
.title{font-size:15px;font-weight:bold}
.code,.label{font-family:"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:11px}
.label{text-anchor:middle}
.prose{fill:#454c5c}.code{fill:#454c5c}
.tags{font-family:"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:11px;font-style:italic;fill:#2456a8}
.page{fill:#ffffff}
.box{fill:#f4f6fa;stroke:#66708a;stroke-width:1.5}
.any .box{fill:#ffffff;stroke-dasharray:5 4}
.open .box{fill:#e3f5e7;stroke:#23803a;stroke-width:2.5}
.held .box{fill:#fdf0d5;stroke:#b26a00;stroke-width:2.5}
.ended .box{fill:#e6e8ed;stroke:#66708a}
.cover{fill:#f4f6fa}.open .cover{fill:#e3f5e7}.held .cover{fill:#fdf0d5}.ended .cover{fill:#e6e8ed}
.edge{fill:none;stroke:#66708a;stroke-width:1.3}
.tip,.start{fill:#66708a}
.plate{fill:#ffffff;fill-opacity:0.94}
@media (prefers-color-scheme:dark){
text{fill:#e8ebf2}.prose,.code{fill:#b9c0cf}.tags{fill:#8ab4ff}
.page{fill:#14171f}.box{fill:#1e232f;stroke:#8b95ad}.any .box{fill:#14171f}
.open .box{fill:#15331d;stroke:#4cc26a}.held .box{fill:#3a2a0c;stroke:#e0a13a}.ended .box{fill:#262a33;stroke:#8b95ad}
.cover{fill:#1e232f}.open .cover{fill:#15331d}.held .cover{fill:#3a2a0c}.ended .cover{fill:#262a33}
.edge{stroke:#8b95ad}.tip,.start{fill:#8b95ad}.plate{fill:#14171f}
}`;

export const machineToSvg = (machine: AnyStateMachine, tones: Readonly<Record<string, Tone>> = {}): Promise<string> =>
  chartToSvg(machineChart(machine), `State chart of ${machine.id}`, tones);

export async function chartToSvg(
  chart: Chart,
  title: string,
  tones: Readonly<Record<string, Tone>> = {},
): Promise<string> {
  const placed = await placeChart(chart);
  const { width, height } = placed;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0,0L10,5L0,10z"/></marker></defs>',
    `<rect class="page" width="100%" height="100%"/>`,
    ...placed.states.map((state) => drawBox(state, tones)),
    ...drawRest(placed),
    ...placed.states.flatMap((state) => [...drawCover(state, tones), drawTexts(state.lines, state)]),
    ...placed.edges.flatMap(drawLabel),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function drawBox({ state, ...box }: PlacedState, tones: Readonly<Record<string, Tone>>): string {
  return `<g class="state ${classesOf(state, tones)}" id="state-${escape(state.path)}">${rect(box, 'box')}</g>`;
}

function classesOf({ tags }: ChartState, tones: Readonly<Record<string, Tone>>): string {
  return tags.map((tag) => tones[tag]).find((one) => one !== undefined) ?? 'plain';
}

/** Lines pass under the words of a state that holds others, not through them. */
function drawCover({ state, lines, x, y }: PlacedState, tones: Readonly<Record<string, Tone>>): readonly string[] {
  if (state.children.length === 0) return [];
  const cover = { x: x + BOX_PADDING / 2, y: y + BOX_PADDING / 2, ...boxSize(lines) };
  const inner = { ...cover, width: cover.width - BOX_PADDING, height: cover.height - BOX_PADDING };
  return [`<g class="${classesOf(state, tones)}">${rect(inner, 'cover')}</g>`];
}

function drawRest({ starts, anyState, edges }: Placed): string[] {
  return [
    ...(anyState === null ? [] : [`<g class="any">${rect(anyState, 'box')}</g>`]),
    ...edges.map(drawEdge),
    ...starts.map(({ x, y }) => `<circle class="start" cx="${round(x + 6)}" cy="${round(y + 6)}" r="6"/>`),
    ...(anyState === null ? [] : [drawTexts(anyState.lines, anyState)]),
  ];
}

interface At {
  readonly x: number;
  readonly y: number;
}

function rect({ x, y, width, height }: At & { readonly width: number; readonly height: number }, name: string): string {
  return `<rect class="${name}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="7"/>`;
}

function drawTexts(lines: readonly TextLine[], { x, y }: At): string {
  return lines
    .map(({ kind, text }, n) => textAt(text, kind, x + BOX_PADDING, y + BOX_PADDING + n * LINE_HEIGHT + 12))
    .join('\n');
}

function drawEdge({ points }: PlacedEdge): string {
  const path = points.map(({ x, y }, n) => `${n === 0 ? 'M' : 'L'}${round(x)},${round(y)}`).join('');
  return `<path class="edge" d="${path}" marker-end="url(#tip)"/>`;
}

function drawLabel({ label }: PlacedEdge): string[] {
  if (label === null) return [];
  const { x, y, width, lines } = label;
  return [
    rect(label, 'plate'),
    ...lines.map((line, n) => textAt(line, 'label', x + width / 2, y + LABEL_PADDING + n * LINE_HEIGHT + 12)),
  ];
}

function textAt(text: string, kind: string, x: number, y: number): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" xml:space="preserve">${escape(text)}</text>`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign]!);
