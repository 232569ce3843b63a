/** A configuration file as plain data that remembers where each value stands. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { Decimal } from '../domain/decimal.ts';
import { expandVariables } from './expand.ts';
import type { ConfigProblem, Place } from './problems.ts';

export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Places and origins go by JSON pointer, as the validator's `instancePath` does. */
export interface YamlLayer {
  readonly tree: { [key: string]: Plain };
  readonly values: ReadonlyMap<string, Place>;
  readonly keys: ReadonlyMap<string, Place>;
  /** Scalars that hold a reference: text until the schema says otherwise. */
  readonly expanded: ReadonlySet<string>;
  readonly fromEnvironment: ReadonlySet<string>;
  readonly problems: readonly ConfigProblem[];
  /** False where the text is no YAML, or has more values than are read: the tree then says nothing of the rest. */
  readonly isWhole: boolean;
}

/** More nodes than any real file has: bounds what aliases can blow up to. */
const MAX_NODES = 20_000;

/** One step of a JSON pointer. */
export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Reads YAML text; whatever is wrong with it is in `problems`, and the tree holds the rest. */
export function readYaml(source: string, env: NodeJS.ProcessEnv): YamlLayer {
  return new Reader(source, env).layer();
}

class Reader {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #env: NodeJS.ProcessEnv;
  readonly #values = new Map<string, Place>();
  readonly #keys = new Map<string, Place>();
  readonly #expanded = new Set<string>();
  readonly #fromEnvironment = new Set<string>();
  readonly #problems: ConfigProblem[] = [];
  #nodes = 0;

  constructor(source: string, env: NodeJS.ProcessEnv) {
    this.#env = env;
    this.#document = parseDocument(source, { lineCounter: this.#lines, prettyErrors: false });
  }

  layer(): YamlLayer {
    for (const error of this.#document.errors)
      this.#problems.push({ ...this.#place(error.pos[0]), detail: error.message });
    const isYaml = this.#problems.length === 0;
    const tree = isYaml ? this.#root() : {};
    return {
      tree,
      values: this.#values,
      keys: this.#keys,
      expanded: this.#expanded,
      fromEnvironment: this.#fromEnvironment,
      problems: this.#problems,
      isWhole: isYaml && this.#nodes <= MAX_NODES,
    };
  }

  #root(): { [key: string]: Plain } {
    const { contents } = this.#document;
    this.#values.set('', this.#placeOf(contents));
    const tree = this.#plain(contents, '');
    if (tree === null) return {};
    if (typeof tree === 'object' && !Array.isArray(tree)) {
      // A section whose keys are all commented out is an empty section.
      return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== null));
    }
    this.#problem(contents, 'a configuration is a map of keys');
    return {};
  }

  #plain(node: unknown, pointer: string): Plain {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) {
      if (this.#nodes === MAX_NODES + 1) this.#problem(node, `more than ${MAX_NODES} values`);
      return null;
    }
    if (isAlias(node)) return this.#plain(node.resolve(this.#document), pointer);
    if (isScalar(node)) return this.#scalar(node, pointer);
    if (isSeq(node)) return node.items.map((item, index) => this.#child(item, pointerTo(pointer, index)));
    if (!isMap(node)) return null;
    const entries = node.items.map((pair) => this.#pair(pair, pointer));
    return Object.fromEntries(entries);
  }

  #pair(pair: Pair, parent: string): [string, Plain] {
    if (!isScalar(pair.key)) this.#problem(pair.key, 'a key is a word');
    const key = isScalar(pair.key) ? this.#expand(String(pair.key.source ?? pair.key.value), pair.key).text : '';
    const pointer = pointerTo(parent, key);
    this.#keys.set(pointer, this.#placeOf(pair.key));
    return [key, this.#child(pair.value, pointer, pair.key)];
  }

  #child(node: unknown, pointer: string, key?: unknown): Plain {
    this.#values.set(pointer, this.#placeOf(node ?? key));
    return this.#plain(node, pointer);
  }

  #scalar(node: { value: unknown; source?: string }, pointer: string): Plain {
    const { value, source = '' } = node;
    if (typeof value === 'number') return exact(value, source);
    if (typeof value === 'boolean' || value === null) return value;
    const text = typeof value === 'string' ? value : source;
    const expanded = this.#expand(text, node);
    if (expanded.text !== text) this.#expanded.add(pointer);
    if (expanded.fromEnvironment) this.#fromEnvironment.add(pointer);
    return expanded.text;
  }

  #expand(text: string, node: unknown): ReturnType<typeof expandVariables> {
    const expanded = expandVariables(text, this.#env);
    if (expanded.problem !== undefined) this.#problem(node, expanded.problem);
    return expanded;
  }

  #problem(node: unknown, detail: string): void {
    this.#problems.push({ ...this.#placeOf(node), detail });
  }

  #placeOf(node: unknown): Place {
    return this.#place((node as Node | null | undefined)?.range?.[0] ?? 0);
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

/** A number whose double would lose digits stays text, which a decimal reads exactly. */
function exact(value: number, source: string): number | string {
  const written = Decimal.parse(source);
  const read = Decimal.parse(String(value));
  return written === undefined || (read !== undefined && read.equals(written)) ? value : source;
}
