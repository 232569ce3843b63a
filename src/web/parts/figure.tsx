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
  const text = TEXT[as](value);
  // What reads as zero has the colour of zero; every digit is there when one points at it.
  const isZero = !/[1-9]/.test(text);
  const sign = as !== 'gain' || isZero ? '' : value > 0 ? ' gain' : ' loss';
  const classes = `figure${isZero ? ' zero' : ''}${sign}${stale ? ' stale' : ''}`;
  return (
    <span class={classes} title={stale ? `${value}, as it was last known` : String(value)}>
      {text}
      {stale && <span class="stale-mark"> stale</span>}
    </span>
  );
}
