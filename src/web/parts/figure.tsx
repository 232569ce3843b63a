/** A figure: unknown, stale and zero never look the same. */
import type { VNode } from 'preact';
import { exact, money, percent, signedMoney } from '../state/words.ts';

interface FigureProps {
  readonly value: number | null | undefined;
  readonly as?: 'money' | 'gain' | 'percent' | 'exact';
  /** What it was is shown, and that it may not be so any more. */
  readonly stale?: boolean;
}

const TEXT = { money, gain: signedMoney, percent, exact } as const;

export function Figure({ value, as = 'money', stale = false }: FigureProps): VNode {
  if (value === null || value === undefined)
    return (
      <span class="unknown" title="not known now: this is neither zero nor flat">
        unknown
      </span>
    );
  const sign = as !== 'gain' || value === 0 ? '' : value > 0 ? ' gain' : ' loss';
  const classes = `figure${value === 0 ? ' zero' : ''}${sign}${stale ? ' stale' : ''}`;
  return (
    <span class={classes} title={stale ? `${value}, as it was last known` : String(value)}>
      {TEXT[as](value)}
      {stale && <span class="stale-mark"> stale</span>}
    </span>
  );
}
