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
