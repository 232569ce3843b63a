import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { Histogram } from '../../src/domain/histogram.ts';
import { escapeLabel, MetricsText, type Family, type MetricsForm } from '../../src/observe/metrics-text.ts';
import { readMetrics } from './conformance.ts';

const GAUGE: Family = { name: 'g', type: 'gauge', help: 'A gauge.', labels: ['x'] };
const COUNTER: Family = { name: 'c_total', type: 'counter', help: 'It counts\\.\n"Twice".', labels: [] };
const TIMES: Family = { name: 'h', type: 'histogram', help: 'Times.', labels: ['x'] };

function written(form: MetricsForm = 'prometheus'): string {
  const text = new MetricsText(form);
  text.family(GAUGE).add(dec('-12.50'), 'a\\b"c\nd');
  text.add(null, 'unknown');
  text.add(Number.NaN, 'not a number');
  text.add(-0, 'zero');
  text.family(COUNTER).add(1e21);
  text.family({ ...GAUGE, name: 'without_lines' }).add(undefined, 'x');
  const histogram = new Histogram([0.5, 1]);
  for (const value of [0.5, 0.75, 3]) histogram.observe(value);
  text.family(TIMES).histogram(histogram.view(), 'y');
  return text.end();
}

describe('metrics as text', () => {
  it('are Prometheus 0.0.4 to the byte; what is unknown has no line, and a family without lines no head', () => {
    expect(written()).toBe(`# HELP g A gauge.
# TYPE g gauge
g{x="a\\\\b\\"c\\nd"} -12.5
g{x="zero"} 0
# HELP c_total It counts\\\\.\\n"Twice".
# TYPE c_total counter
c_total 1e+21
# HELP h Times.
# TYPE h histogram
h_bucket{x="y",le="0.5"} 1
h_bucket{x="y",le="1"} 2
h_bucket{x="y",le="+Inf"} 3
h_sum{x="y"} 4.25
h_count{x="y"} 3
`);
  });

  it('show a sum without what adding up binary fractions leaves behind', () => {
    const histogram = new Histogram([]);
    for (const value of [0.1, 0.2]) histogram.observe(value);
    expect(histogram.view().sum).not.toBe(0.3);
    const text = new MetricsText('prometheus');
    text.family(TIMES).histogram(histogram.view(), 'y');
    expect(text.end()).toContain('h_sum{x="y"} 0.3\n');
  });

  it('are OpenMetrics 1.0 to the byte', () => {
    expect(written('openmetrics')).toBe(`# HELP g A gauge.
# TYPE g gauge
g{x="a\\\\b\\"c\\nd"} -12.5
g{x="zero"} 0
# HELP c It counts\\\\.\\n\\"Twice\\".
# TYPE c counter
c_total 1e+21
# HELP h Times.
# TYPE h histogram
h_bucket{x="y",le="0.5"} 1
h_bucket{x="y",le="1.0"} 2
h_bucket{x="y",le="+Inf"} 3
h_sum{x="y"} 4.25
h_count{x="y"} 3
# EOF
`);
  });

  it('escape a label as the scenario says', () => {
    expect(escapeLabel('a\\b"c\nd')).toBe('a\\\\b\\"c\\nd');
  });

  it('leave out what is over the cap of a family, and count it; a histogram is one', () => {
    const text = new MetricsText('prometheus', { cap: 2 });
    text.family(GAUGE);
    for (const x of ['1', '2', '3', '4']) text.add(1, x);
    text.family(TIMES);
    for (const x of ['1', '2', '3']) text.histogram(new Histogram([]).view(), x);
    const { samples } = readMetrics(text.end());
    expect(samples.filter(({ name }) => name === 'g').map(({ labels }) => labels['x'])).toEqual(['1', '2']);
    expect(samples.filter(({ name }) => name === 'h_count')).toHaveLength(2);
    expect(text.dropped).toBe(3);
  });

  const anyText = fc.string({ unit: 'binary', maxLength: 12 });
  const oddNumber = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e21, 5e-324, -0, Number.MAX_SAFE_INTEGER, null, undefined),
    fc.bigInt().chain((c) => fc.nat(20).map((scale) => dec(`${c}e-${scale}`))),
  );

  it.each(['prometheus', 'openmetrics'] as const)('hold in %s whatever the labels and figures are', (form) => {
    const labels = fc.uniqueArray(anyText, { selector: shown });
    fc.assert(
      fc.property(labels, fc.array(oddNumber, { minLength: 1 }), anyText, (names, values, help) => {
        const text = new MetricsText(form);
        text.family({ ...GAUGE, help });
        const expected: [string, number][] = [];
        for (const [index, name] of names.entries()) {
          const value = values[index % values.length];
          text.add(value, name);
          const number = typeof value === 'object' ? value?.toNumber() : value;
          if (number !== undefined && !Number.isNaN(number)) expected.push([shown(name), number + 0]);
        }
        const page = readMetrics(Buffer.from(text.end()).toString('utf8'), form);
        expect(page.problems).toEqual([]);
        expect(page.samples.map(({ labels: { x }, value }) => [x, value + 0])).toEqual(expected);
      }),
    );
  });
});

/** As it can be told in UTF-8 without a NUL. */
const shown = (text: string): string => Buffer.from(text).toString('utf8').replaceAll('\0', '\ufffd');
