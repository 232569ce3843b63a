/**
 * Metrics as text: Prometheus 0.0.4, byte for byte, or OpenMetrics 1.0. A family's HELP and TYPE are
 * written once, before its first line; a family without a line is not written at all, unless its
 * page tells every one.
 */
import type { Decimal } from '../domain/decimal.ts';
import type { HistogramView } from '../domain/histogram.ts';

export type MetricsForm = 'prometheus' | 'openmetrics';

export const METRICS_TYPES: Readonly<Record<MetricsForm, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** What a family is: the tables of `metric-families.ts`. */
export interface Family {
  /** As its lines are called; a counter's ends in `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  /** Of its lines, in this order. */
  readonly labels: readonly string[];
}

/** A figure; what is not known is `null`, `undefined` or not a number, and has no line. */
export type MetricValue = Decimal | number | null | undefined;

/** Lines that one family may have, a histogram being one: a label that grows must not take the scrape down. */
export const SERIES_CAP = 10_000;

export interface MetricsTextOptions {
  /** Lines that a family may have. */
  readonly cap?: number;
  /** HELP and TYPE of a family without a line as well: a reader learns what there could be. */
  readonly tellsEmpty?: boolean;
}

export class MetricsText {
  /** Lines that were left out, because their family had too many. */
  dropped = 0;
  readonly #form: MetricsForm;
  readonly #cap: number;
  readonly #tellsEmpty: boolean;
  #out = '';
  #family: Family | undefined;
  /** Whether the family under way has its HELP and TYPE. */
  #begun = false;
  #lines = 0;

  constructor(form: MetricsForm, { cap = SERIES_CAP, tellsEmpty = false }: MetricsTextOptions = {}) {
    this.#form = form;
    this.#cap = cap;
    this.#tellsEmpty = tellsEmpty;
  }

  /** What follows belongs to this family; each is begun once. */
  family(family: Family): this {
    this.#family = family;
    this.#begun = false;
    this.#lines = 0;
    if (this.#tellsEmpty) this.#head();
    return this;
  }

  /** One line, unless the figure is unknown. @param values of the family's labels, in their order */
  add(value: MetricValue, ...values: readonly string[]): void {
    const figure = figureText(value);
    if (figure === undefined || !this.#begin()) return;
    const labels = this.#labels(values);
    this.#out += `${this.#family!.name}${labels === '' ? '' : `{${labels}}`} ${figure}\n`;
  }

  /** The buckets, sum and count of a histogram. */
  histogram(view: HistogramView | undefined, ...values: readonly string[]): void {
    if (view === undefined || !Number.isFinite(view.sum) || !this.#begin()) return;
    const { name } = this.#family!;
    const own = this.#labels(values);
    const before = own === '' ? `${name}_bucket{le="` : `${name}_bucket{${own},le="`;
    const bounds = boundTexts(view.bounds, this.#form);
    let count = 0;
    for (let i = 0; i < view.counts.length; i++) {
      count += view.counts[i]!;
      this.#out += `${before}${bounds[i]!}"} ${count}\n`;
    }
    const labels = own === '' ? '' : `{${own}}`;
    this.#out += `${name}_sum${labels} ${numberText(withoutResidue(view.sum))}\n${name}_count${labels} ${count}\n`;
  }

  /** All of it. */
  end(): string {
    return this.#form === 'openmetrics' ? `${this.#out}# EOF\n` : this.#out;
  }

  /** Whether the family takes another line. */
  #begin(): boolean {
    if (this.#lines >= this.#cap) {
      this.dropped += 1;
      return false;
    }
    this.#lines += 1;
    this.#head();
    return true;
  }

  #head(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#out += headOf(this.#family!, this.#form);
  }

  #labels(values: readonly string[]): string {
    const { labels } = this.#family!;
    let text = '';
    for (let i = 0; i < labels.length; i++)
      text += `${i === 0 ? '' : ','}${labels[i]!}="${escapeLabel(values[i] ?? '')}"`;
    return text;
  }
}

const heads = { prometheus: new WeakMap<Family, string>(), openmetrics: new WeakMap<Family, string>() };

function headOf(family: Family, form: MetricsForm): string {
  let head = heads[form].get(family);
  if (head === undefined) {
    const { name, type, help } = family;
    // OpenMetrics names a counter's family without the suffix of its lines.
    const called = form === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
    const text = form === 'openmetrics' ? escapeLabel(help) : escapeHelp(help);
    head = `# HELP ${called} ${text}\n# TYPE ${called} ${type}\n`;
    heads[form].set(family, head);
  }
  return head;
}

const SPECIAL = /[\\"\n\0\ud800-\udfff]/;

/** A label's value between its quotes. */
export function escapeLabel(text: string): string {
  return SPECIAL.test(text) ? escapeHelp(text).replaceAll('"', String.raw`\"`) : text;
}

/** HELP text of the Prometheus format, which leaves quotes alone. A NUL ends a text for some readers, half a surrogate pair is no text. */
function escapeHelp(text: string): string {
  const whole = text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return whole.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

/** Undefined for what is not known. */
function figureText(value: MetricValue): string | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : numberText(value);
  return value?.toString();
}

/** Digits of a sum that are its own: what adding up binary fractions leaves behind comes after them. */
const SUM_DIGITS = 12;

/** Rounded alike everywhere, so that a sum that grows never falls by it. */
function withoutResidue(sum: number): number {
  return Number(sum.toPrecision(SUM_DIGITS));
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

const bounds = {
  prometheus: new WeakMap<readonly number[], readonly string[]>(),
  openmetrics: new WeakMap<readonly number[], readonly string[]>(),
};

/** The values of `le`; OpenMetrics wants every one to be a float. */
function boundTexts(of: readonly number[], form: MetricsForm): readonly string[] {
  let texts = bounds[form].get(of);
  if (texts === undefined) {
    const decimal = (bound: number): string =>
      form === 'openmetrics' && Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : String(bound);
    texts = [...of.map(decimal), '+Inf'];
    bounds[form].set(of, texts);
  }
  return texts;
}
