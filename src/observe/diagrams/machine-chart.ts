/**
 * A state machine as a drawing needs it: plain states and edges, read from the machine's own
 * definition and from nothing else. Text and picture are both made of this.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export interface ChartState {
  /** Dotted path from the root: `stopping.cancelling`. */
  readonly path: string;
  readonly name: string;
  readonly parent: string | null;
  readonly initial: boolean;
  readonly final: boolean;
  readonly description: string;
  readonly tags: readonly string[];
  readonly entry: readonly string[];
  /** Actors that run as long as the state lasts. */
  readonly invokes: readonly string[];
  /** What it takes without leaving: `WARMED / warmed`. */
  readonly stays: readonly ChartLabel[];
  readonly children: readonly ChartState[];
}

export interface ChartLabel {
  /** `HALT`, `launch done`, `after backOff (1 s)`, `always`. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
  /** What the definition says about it, where the parts do not say it. */
  readonly note: string | null;
}

export interface ChartEdge extends ChartLabel {
  /** Path of the state that it leaves; `null`: any state that does not say otherwise. */
  readonly from: string | null;
  readonly to: string;
}

export interface Chart {
  readonly name: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
  /** What every state takes without leaving, unless it says otherwise. */
  readonly everywhere: readonly ChartLabel[];
}

/** Texts for delays that the machine works out at run time: `meta.delays` of the machine's root. */
interface ChartMeta {
  readonly delays?: Readonly<Record<string, string>>;
}

export function machineChart(machine: AnyStateMachine): Chart {
  const nodes = allNodes(machine.root).filter((node) => node !== machine.root);
  return {
    name: machine.id,
    states: childrenOf(machine.root).map(toState),
    edges: [...edgesOf(machine.root), ...nodes.flatMap(edgesOf)],
    everywhere: staysOf(machine.root),
  };
}

const childrenOf = (node: AnyStateNode): AnyStateNode[] => Object.values(node.states) as AnyStateNode[];

function allNodes(node: AnyStateNode): AnyStateNode[] {
  return [node, ...childrenOf(node).flatMap(allNodes)];
}

const pathOf = (node: AnyStateNode): string => node.path.join('.');
const isRoot = (node: AnyStateNode): boolean => node.path.length === 0;

function toState(node: AnyStateNode): ChartState {
  const initial = node.parent?.initial.target?.[0] as AnyStateNode | undefined;
  return {
    path: pathOf(node),
    name: node.key,
    parent: node.parent === undefined || isRoot(node.parent) ? null : pathOf(node.parent),
    initial: initial === node,
    final: node.type === 'final',
    description: node.description ?? '',
    tags: node.tags,
    // The timers of `after` are entry actions of XState's own.
    entry: node.entry.map(nameOf).filter((name) => !name.startsWith('xstate.')),
    invokes: node.invoke.map((invoke) => sourceName(invoke.src)),
    stays: staysOf(node),
    children: childrenOf(node).map(toState),
  };
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

function edgesOf(node: AnyStateNode): ChartEdge[] {
  return transitionsOf(node).flatMap((transition) =>
    ((transition.target ?? []) as readonly AnyStateNode[]).map((target) => ({
      from: isRoot(node) ? null : pathOf(node),
      to: pathOf(target),
      ...labelOf(transition),
    })),
  );
}

function staysOf(node: AnyStateNode): ChartLabel[] {
  return transitionsOf(node)
    .filter((transition) => transition.target === undefined)
    .map(labelOf);
}

function labelOf(transition: AnyTransitionDefinition): ChartLabel {
  return {
    event: eventText(transition),
    guard: transition.guard === undefined ? null : nameOf(transition.guard),
    actions: transition.actions.map(nameOf),
    note: transition.description ?? null,
  };
}

function eventText({ eventType, source }: AnyTransitionDefinition): string {
  if (eventType === '') return 'always';
  const [, delay] = /^xstate\.after\.(.+?)\.[^.]*(?:\..*)?$/.exec(eventType) ?? [];
  if (delay !== undefined) return delayText(source.machine, delay);
  const [, outcome, id] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(eventType) ?? [];
  if (id === undefined) return eventType;
  if (id === '*') return 'a child is lost';
  const invoked = source.invoke.find((invoke) => invoke.id === id);
  return `${invoked === undefined ? id : sourceName(invoked.src)} ${outcome === 'done' ? 'done' : 'failed'}`;
}

const sourceName = (source: unknown): string => (typeof source === 'string' ? source : 'inline');

function delayText(machine: AnyStateMachine, delay: string): string {
  if (/^\d+$/.test(delay)) return `after ${durationText(Number(delay))}`;
  const implemented: unknown = machine.implementations.delays[delay];
  if (typeof implemented === 'number') return `after ${delay} (${durationText(implemented)})`;
  const text = (machine.config.meta as ChartMeta | undefined)?.delays?.[delay];
  return text === undefined ? `after ${delay}` : `after ${delay} (${text})`;
}

/** `30 s`, `1.5 s`, `250 ms`, `10 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 120_000 ? `${ms / 1000} s` : `${ms / 60_000} min`;
}

/** Named parts by their name with constant parameters: `arm(launch)`; anything written inline shows as `inline`. */
function nameOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part === 'function') return 'type' in part ? String(part.type) : 'inline';
  if (typeof part !== 'object' || part === null || !('type' in part)) return 'inline';
  const params = 'params' in part && typeof part.params === 'object' && part.params !== null ? part.params : {};
  const simple = Object.values(params).filter((value) => typeof value === 'string');
  return simple.length === 0 ? String(part.type) : `${String(part.type)}(${simple.join(', ')})`;
}

/** `HALT [guard] / action, action`. */
export function labelText({ event, guard, actions }: ChartLabel): string {
  const condition = guard === null ? '' : ` [${guard}]`;
  return `${event}${condition}${actions.length === 0 ? '' : ` / ${actions.join(', ')}`}`;
}

/** What a state does with an event that does not move it: `takes HALT / addCause`, `ignores REPLACE`. */
export function staysText(label: ChartLabel): string {
  if (label.note !== null) return `takes ${label.event} (${label.note})`;
  return `${label.actions.length === 0 ? 'ignores' : 'takes'} ${labelText(label)}`;
}

/** Every state of a chart, outer ones first. */
export function flatStates(states: readonly ChartState[]): readonly ChartState[] {
  return states.flatMap((state) => [state, ...flatStates(state.children)]);
}
