/** The middle and the ends of some measurements. */
export function spreadOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/** The value below which that share of the measurements lies: 0.99 for the 99th percentile. */
export function shareOf(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}

/** p50, p99, p99.9 and the number of some measurements. */
export function percentilesOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { samples: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

/**
 * Two ways of the same work, one right after the other, `pairs` times; which is first alternates, and
 * a first pair only warms up.
 * @param first, second give what is to be compared, the larger the better; the round is their argument
 * @returns spreads of both, and of the ratio of the first to the second within each pair
 */
export async function comparePairs(pairs, first, second) {
  const taken = { first: [], second: [] };
  for (let round = 0; round <= pairs; round++) {
    const order = round % 2 === 0 ? ['first', 'second'] : ['second', 'first'];
    const of = {};
    for (const which of order) of[which] = await { first, second }[which](round);
    if (round === 0) continue;
    taken.first.push(of.first);
    taken.second.push(of.second);
  }
  const ratio = spreadOf(taken.first.map((value, index) => value / taken.second[index]));
  return { first: spreadOf(taken.first), second: spreadOf(taken.second), ratio };
}
