/** How much of a halt rule's limit is used. */
import type { VNode } from 'preact';
import { percent } from '../state/words.ts';

export interface Used {
  readonly rule: string;
  readonly basis?: string;
  readonly limit: number;
  readonly used: number | null;
}

const WIDTH = 100;

export const nameOf = ({ rule, basis }: Used): string => (basis === undefined ? rule : `${rule} (${basis})`);
/** Of the limit; null where it is not known. */
export const shareOf = ({ used, limit }: Used): number | null =>
  used === null ? null : limit === 0 ? 1 : Math.max(0, used / limit);

export function HeadroomBar(used: Used): VNode {
  const share = shareOf(used);
  const label = `${nameOf(used)}: ${share === null ? 'used share unknown' : `${percent(share)} of the limit used`}`;
  const tone = share === null ? 'unknown' : share > 0.8 ? 'bad' : share > 0.5 ? 'held' : 'good';
  return (
    <svg class={`bar ${tone}`} viewBox={`0 0 ${WIDTH} 8`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <rect class="bar-track" width={WIDTH} height="8" rx="2" />
      {share !== null && <rect class="bar-used" width={Math.min(1, share) * WIDTH} height="8" rx="2" />}
    </svg>
  );
}

/** The rule that is nearest to its limit; undefined where there is none. */
export function tightest(rows: readonly Used[]): Used | undefined {
  return rows.toSorted((a, b) => (shareOf(b) ?? Infinity) - (shareOf(a) ?? Infinity))[0];
}
