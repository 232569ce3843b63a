/**
 * What a page of metrics must be, read strictly: `promtool check metrics` passes duplicates, families
 * that are interleaved and histograms without `+Inf`.
 */
import type { MetricsForm } from '../../src/observe/metrics-text.ts';

export interface Sample {
  /** As on its line, with the suffix of a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** As it is written. */
  readonly text: string;
}

export interface Page {
  readonly samples: readonly Sample[];
  /** Names of families with their types, in order. */
  readonly types: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(?:[+-]Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;
const SUFFIXES = ['_bucket', '_sum', '_count'];

class Reader {
  readonly samples: Sample[] = [];
  readonly types = new Map<string, string>();
  readonly problems: string[] = [];
  readonly #form: MetricsForm;
  readonly #helps = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #ended = new Set<string>();
  #current: string | undefined;

  constructor(form: MetricsForm) {
    this.#form = form;
  }

  read(text: string): void {
    if (text !== '' && !text.endsWith('\n')) this.problems.push('the last line has no newline');
    const lines = text.split('\n').slice(0, -1);
    if (this.#form === 'openmetrics' && lines.pop() !== '# EOF') this.problems.push('it does not end with # EOF');
    for (const line of lines) {
      if (line.startsWith('# ')) this.#comment(line);
      else this.#sample(line);
    }
    for (const [name, type] of this.types) if (type === 'histogram') this.#histogram(name);
  }

  #comment(line: string): void {
    const match = /^# (HELP|TYPE) (\S+) (.*)$/s.exec(line);
    if (match === null) return void this.problems.push(`no comment of ours: ${line}`);
    const [, kind, name, rest] = match as unknown as [string, string, string, string];
    if (!NAME.test(name)) this.problems.push(`no name: ${name}`);
    if (this.samples.some((sample) => this.#familyOf(sample.name) === name))
      this.problems.push(`${kind} of ${name} after its samples`);
    if (kind === 'HELP') {
      if (this.#helps.has(name)) this.problems.push(`a second HELP of ${name}`);
      this.#helps.add(name);
      const escapes = this.#form === 'openmetrics' ? /\\(?![\\n"])/ : /\\(?![\\n])/;
      if (escapes.test(rest.replaceAll('\\\\', ''))) this.problems.push(`a bad escape in the HELP of ${name}`);
      return;
    }
    if (this.types.has(name)) this.problems.push(`a second TYPE of ${name}`);
    if (!['counter', 'gauge', 'histogram'].includes(rest)) this.problems.push(`the type ${rest} of ${name}`);
    if (!this.#helps.has(name)) this.problems.push(`TYPE of ${name} without HELP`);
    this.types.set(name, rest);
  }

  #sample(line: string): void {
    const sample = parseSample(line);
    if (typeof sample === 'string') return void this.problems.push(`${sample}: ${line}`);
    const family = this.#familyOf(sample.name);
    if (family === undefined) return void this.problems.push(`no TYPE before ${line}`);
    if (family !== this.#current) {
      if (this.#ended.has(family)) this.problems.push(`${family} is interleaved`);
      if (this.#current !== undefined) this.#ended.add(this.#current);
      this.#current = family;
    }
    const series = `${sample.name} ${keyOf(sample.labels)}`;
    if (this.#seen.has(series)) this.problems.push(`twice: ${series}`);
    this.#seen.add(series);
    if (this.types.get(family) === 'counter') this.#counter(sample, family);
    this.samples.push(sample);
  }

  #counter({ name, value }: Sample, family: string): void {
    if (!name.endsWith('_total')) this.problems.push(`the counter ${name} does not end with _total`);
    if (this.#form === 'openmetrics' && family.endsWith('_total'))
      this.problems.push(`the family ${family} ends with _total`);
    if (!(value >= 0) || value === Infinity) this.problems.push(`the counter ${name} is ${value}`);
  }

  #familyOf(name: string): string | undefined {
    if (this.types.has(name)) return name;
    const total = name.replace(/_total$/, '');
    if (this.#form === 'openmetrics' && this.types.get(total) === 'counter') return total;
    const suffix = SUFFIXES.find((each) => name.endsWith(each));
    const stem = suffix === undefined ? name : name.slice(0, -suffix.length);
    return this.types.get(stem) === 'histogram' ? stem : undefined;
  }

  #histogram(name: string): void {
    const groups = new Map<string, Sample[]>();
    for (const sample of this.samples.filter((each) => this.#familyOf(each.name) === name)) {
      const { le: _, ...labels } = sample.labels;
      const key = keyOf(labels);
      groups.set(key, [...(groups.get(key) ?? []), sample]);
    }
    for (const [key, samples] of groups) this.#buckets(`${name} ${key}`, name, samples);
  }

  #buckets(what: string, name: string, samples: readonly Sample[]): void {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const counts = buckets.map(({ value }) => value);
    if (bounds.at(-1) !== Infinity) this.problems.push(`${what} has no +Inf`);
    if (bounds.some((bound, i) => i > 0 && !(bound > bounds[i - 1]!))) this.problems.push(`${what}: order of le`);
    if (counts.some((count, i) => i > 0 && count < counts[i - 1]!)) this.problems.push(`${what}: not cumulative`);
    const floats = buckets.every(({ labels }) => /^\+Inf$|[.e]/.test(labels['le'] ?? ''));
    if (this.#form === 'openmetrics' && !floats) this.problems.push(`${what}: an le that is no float`);
    const of = (suffix: string): readonly Sample[] => samples.filter((sample) => sample.name === name + suffix);
    if (of('_sum').length !== 1 || of('_count').length !== 1) this.problems.push(`${what}: sum and count`);
    if (of('_count')[0]?.value !== counts.at(-1)) this.problems.push(`${what}: count is not +Inf`);
    if (!((of('_sum')[0]?.value ?? -1) >= 0)) this.problems.push(`${what}: sum`);
  }
}

/** Whatever the order of its labels. */
const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** What is wrong, where it is no sample. */
function parseSample(line: string): Sample | string {
  const name = /^[^{ ]*/.exec(line)![0];
  if (!NAME.test(name)) return 'no metric name';
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const match = /^([^=]*)="((?:\\[\\"n]|[^\\"\n])*)"(,|(?=\}))/.exec(rest);
      if (match === null) return 'bad labels';
      const [whole, label, escaped] = match as unknown as [string, string, string];
      if (!LABEL_NAME.test(label) || label in labels) return `the label ${label}`;
      labels[label] = escaped.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
      rest = rest.slice(whole.length);
    }
    rest = rest.slice(1);
  }
  const text = rest.slice(1);
  if (!rest.startsWith(' ') || !VALUE.test(text)) return 'bad value';
  const value = text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
  return { name, labels, value, text };
}

export function readMetrics(text: string, form: MetricsForm = 'prometheus'): Page {
  const reader = new Reader(form);
  reader.read(text);
  return reader;
}

/** The one sample of a name and labels, or undefined. */
export function valueOf(page: Page, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = page.samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]?.value;
}
