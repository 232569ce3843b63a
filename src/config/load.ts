/** Loads the effective configuration: embedded defaults, under a file, under flags. */
import { dirname } from 'node:path';
import type { QktError } from '../errors.ts';
import { brokerOverrides } from './broker-overrides.ts';
import { decode } from './decode.ts';
import { DEFAULTS, INSTRUMENT_DEFAULTS, PAPER_DEFAULTS } from './defaults.ts';
import { findConfigFile } from './find-file.ts';
import { complete, emptyMerge, overlay, type Merged } from './merge.ts';
import { configError, elsewhere, type ConfigProblem } from './problems.ts';
import { mt5Defaults } from './mt5-venue.ts';
import { pointerTo, readYaml, type Plain, type YamlLayer } from './read-yaml.ts';
import type { RawConfig } from './schema.ts';
import type { Config, Origin } from './types.ts';
import { plainSecrets } from './secrets.ts';
import { comesOfRemoval, soundPart, unreadIn } from './sound-part.ts';
import { validateLayer } from './validate.ts';

export interface LoadOptions {
  /** The file named by `--config`. */
  readonly file?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What flags say, in the shape of the file; whoever reads the flags has checked them. */
  readonly flags?: RawConfig;
}

export interface Loaded {
  readonly config: Config;
  /** By JSON pointer of each value (a list is one value): `/http/controlPort` → `file`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The effective values as a file would write them. */
  readonly effective: RawConfig;
  /** What the file asks for and this version does not do yet, with its place. */
  readonly warnings: readonly string[];
  readonly file?: string;
}

/**
 * @throws QktError QKT_E_CONFIG with file, line and column of the first problem (all of them are in
 *   its `problems` member), or QKT_E_CONFIG_FILE.
 */
export async function loadConfig({ file: named, env, cwd, flags = {} }: LoadOptions): Promise<Loaded> {
  const found = await findConfigFile(named, env, cwd);
  const layer = readYaml(found?.text ?? '', env);
  const refuse = (problems: readonly ConfigProblem[]): QktError => configError(found?.file ?? 'flags', problems);
  if (!layer.isWhole) throw refuse(layer.problems);
  const problems: ConfigProblem[] = [...layer.problems];
  problems.push(...elsewhere(validateLayer(layer), problems));
  const { tree, removed } =
    problems.length === 0 ? { tree: layer.tree, removed: [] } : soundPart(layer, unreadIn(layer));
  if (tree === undefined) throw refuse(problems);
  problems.push(...elsewhere(plainSecrets({ ...layer, tree }), problems));

  const merged = emptyMerge();
  overlay(merged, asTree(DEFAULTS), () => 'default');
  overlay(merged, tree, (pointer) => originInFile(layer, pointer));
  const overrides = brokerOverrides(env, mt5Venues(merged));
  overlay(merged, overrides.tree, () => 'environment');
  overlay(merged, asTree(flags), () => 'flag');

  completeEach(merged);

  const mistakes: ConfigProblem[] = [];
  const effective = merged.tree as RawConfig;
  const config = decode(effective, found === undefined ? cwd : dirname(found.file), (pointer, detail) => {
    if (!comesOfRemoval(pointer, detail, removed)) mistakes.push({ ...placeOf(layer, pointer), detail });
  });
  problems.push(...elsewhere(mistakes, problems));
  if (problems.length > 0) throw refuse(problems);
  return {
    config,
    origins: merged.origins,
    effective,
    warnings: overrides.warnings,
    ...(found === undefined ? {} : { file: found.file }),
  };
}

const asTree = (raw: RawConfig): { [key: string]: Plain } => structuredClone(raw) as { [key: string]: Plain };

type Named = Readonly<Record<string, { [key: string]: Plain }>>;

const mapIn = ({ tree }: Merged, key: 'venues' | 'instruments'): Named => (tree[key] ?? {}) as Named;

const mt5Venues = (merged: Merged): readonly string[] =>
  Object.entries(mapIn(merged, 'venues')).flatMap(([name, { type }]) => (type === 'mt5' ? [name] : []));

/** Venues and instruments of the file's own names stand on defaults too. */
function completeEach(merged: Merged): void {
  const [venues, instruments] = [mapIn(merged, 'venues'), mapIn(merged, 'instruments')];
  for (const [name, venue] of Object.entries(venues)) {
    const defaults = venue['type'] === 'paper' ? PAPER_DEFAULTS : mt5Defaults(name, venue);
    complete(merged, venue, pointerTo('/venues', name), defaults);
  }
  for (const [symbol, instrument] of Object.entries(instruments))
    complete(merged, instrument, pointerTo('/instruments', symbol), INSTRUMENT_DEFAULTS);
}

function originInFile({ fromEnvironment }: YamlLayer, pointer: string): Origin {
  const inList = (known: string): boolean => known === pointer || known.startsWith(`${pointer}/`);
  return [...fromEnvironment].some(inList) ? 'environment' : 'file';
}

/** The value itself, or the nearest map around it that the file has. */
function placeOf(layer: YamlLayer, pointer: string): { line: number; column: number } {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = layer.values.get(at);
    if (found !== undefined) return found;
  }
  return { line: 1, column: 1 };
}
