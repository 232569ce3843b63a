/** What a resume would come to: which rules would halt again at once, and what headroom there would be. */
import type { Rebase } from '../domain/ports.ts';
import type { HeadroomView } from '../domain/risk-views.ts';
import { breachOf, type Breach } from './breach.ts';
import type { HaltRule } from './halt-rule.ts';
import { evaluateRule, type Counts, type RuleInputs } from './halt-rules.ts';
import { headroom } from './headroom.ts';
import type { LookInputs } from './monitor.ts';

export interface RulePreview {
  /** Rules that would trip in the turn of the resume. */
  readonly trips: readonly Breach[];
  /** As it would be after the resume. */
  readonly headroom: readonly HeadroomView[];
}

const NO_COUNTS: Counts = { losingStreak: () => 0, rejections: () => 0, closes: () => 0 };

/** Inputs as they are once references have been taken anew: the peak, or the day's with all that is counted. */
export function rebased<I extends RuleInputs>(inputs: I, rebase: Rebase): I {
  const { equity, balance } = inputs;
  if (rebase === 'peak') return { ...inputs, peak: equity ?? inputs.peak };
  if (rebase === 'day') return { ...inputs, day: { equity, balance }, counts: NO_COUNTS };
  return inputs;
}

/** Without any effect; equal to what the monitor of these rules says when it is lifted and looks with the same inputs. */
export function previewResume(rules: readonly HaltRule[], inputs: LookInputs, rebase: Rebase): RulePreview {
  const after = rebased(inputs, rebase);
  const trips = inputs.idle ? [] : rules.flatMap((rule) => tripsAtOnce(rule, after));
  return { trips, headroom: rules.map((rule) => headroom(rule, after)) };
}

function tripsAtOnce(rule: HaltRule, inputs: RuleInputs): readonly Breach[] {
  const verdict = evaluateRule(rule, inputs);
  return verdict.outcome === 'breach' ? [breachOf(rule, verdict, inputs.now)] : [];
}
