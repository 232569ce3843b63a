/** What a configuration that is read again changes: at once, with the next deploy, or at a restart. */
import { leavesOf } from './effective.ts';
import type { Loaded } from './load.ts';
import type { Config } from './types.ts';

/** Changed keys as a file would write them (`risk.halt`), each list in the order of the reference. */
export interface ConfigChanges {
  readonly applied: readonly string[];
  /** Parameters: a strategy is created with those of its deploy. */
  readonly atNextDeploy: readonly string[];
  readonly needsRestart: readonly string[];
}

const LIVE = /^(logging|risk\.(gate|halt|book|strategies)|strategies\.[^.]+\.(expectTradesEvery|highSlippage))(\.|$)/;
const AT_DEPLOY = /^strategies\.[^.]+\.params(\.|$)/;

/** What differs between the two, by when it comes into force. */
export function changesOf(before: Loaded, after: Loaded): ConfigChanges {
  const changed = changedKeys(before, after);
  const applied = changed.filter((key) => LIVE.test(key));
  const atNextDeploy = changed.filter((key) => AT_DEPLOY.test(key));
  const needsRestart = changed.filter((key) => !LIVE.test(key) && !AT_DEPLOY.test(key));
  return { applied, atNextDeploy, needsRestart };
}

/** `before` with what of `after` comes into force without a restart. */
export function liveConfig(before: Config, after: Config): Config {
  return {
    ...before,
    logging: after.logging,
    risk: { ...after.risk, dayRollover: before.risk.dayRollover },
    strategies: after.strategies,
  };
}

function changedKeys(before: Loaded, after: Loaded): readonly string[] {
  const old = leavesOf(before.effective);
  const now = leavesOf(after.effective);
  const keys = new Set([...old.keys(), ...now.keys()]);
  return [...keys].filter((key) => old.get(key) !== now.get(key));
}
