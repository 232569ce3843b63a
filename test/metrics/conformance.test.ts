import { describe, expect, it } from 'vitest';
import { readMetrics } from './conformance.ts';

const FAMILY = '# HELP a A thing.\n# TYPE a gauge\n';
const HISTOGRAM = '# HELP h A thing.\n# TYPE h histogram\n';

describe('the check of a page', () => {
  it('reads names, labels with escapes, and values', () => {
    const { samples, problems } = readMetrics(`${FAMILY}a{x="a\\\\b\\"c\\nd",y=""} 1e+21\na{x="é, }"} +Inf\n`);
    expect(problems).toEqual([]);
    expect(samples.map(({ labels, value }) => [labels, value])).toEqual([
      [{ x: 'a\\b"c\nd', y: '' }, 1e21],
      [{ x: 'é, }' }, Infinity],
    ]);
  });

  it.each([
    ['a duplicate', `${FAMILY}a{x="1"} 1\na{x="1"} 2\n`, /twice/],
    ['families that are interleaved', `${FAMILY}# HELP b B.\n# TYPE b gauge\na 1\nb 1\na{x="1"} 1\n`, /interleaved/],
    ['a sample without TYPE', 'a 1\n', /no TYPE/],
    ['a second HELP', `# HELP a A.\n${FAMILY}a 1\n`, /second HELP/],
    ['a TYPE after samples', `${FAMILY}a 1\n# TYPE a gauge\n`, /after its samples/],
    ['a null', `${FAMILY}a null\n`, /bad value/],
    ['a raw quote', `${FAMILY}a{x="a"b"} 1\n`, /bad labels/],
    ['an unknown escape', `${FAMILY}a{x="\\t"} 1\n`, /bad labels/],
    ['a bad name', `${FAMILY}a-b 1\n`, /no metric name/],
    ['a counter without _total', '# HELP c C.\n# TYPE c counter\nc 1\n', /_total/],
    ['a falling counter', '# HELP c_total C.\n# TYPE c_total counter\nc_total -1\n', /is -1/],
    ['a histogram without +Inf', `${HISTOGRAM}h_bucket{le="1"} 0\nh_sum 0\nh_count 0\n`, /no \+Inf/],
    [
      'buckets that are not cumulative',
      `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 0\nh_count 1\n`,
      /not cumulative/,
    ],
    ['a count that is not +Inf', `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 0\nh_count 2\n`, /count is not/],
    ['no last newline', `${FAMILY}a 1`, /newline/],
  ])('finds %s', (_, text, problem) => {
    expect(readMetrics(text).problems.join('\n')).toMatch(problem);
  });

  it('wants of OpenMetrics an end, counters without their suffix, and bounds that are floats', () => {
    const counter = '# HELP c C.\n# TYPE c counter\nc_total 1\n';
    expect(readMetrics(`${counter}# EOF\n`, 'openmetrics').problems).toEqual([]);
    expect(readMetrics(counter, 'openmetrics').problems.join()).toMatch(/EOF/);
    const histogram = `${HISTOGRAM}h_bucket{le="1"} 0\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n# EOF\n`;
    expect(readMetrics(histogram, 'openmetrics').problems.join()).toMatch(/no float/);
  });
});
