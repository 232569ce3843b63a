/** Several drills: those that mostly wait side by side, those that keep a processor busy alone. */
import { WallClock } from '../clock.ts';
import { asQktError } from '../errors.ts';
import { DRILLS } from './drills.ts';
import { runDrill } from './run-drill.ts';
import type { Drill, DrillResult, Fault } from './types.ts';

export interface DrillsOptions {
  /** Of the twins' synthetic market. */
  readonly seed: number;
  /** Ends every twin. */
  readonly signal: AbortSignal;
  /** Told of each as it is over. */
  readonly onResult: (result: DrillResult) => void;
}

const SIDE_BY_SIDE = 3;

/** @returns one result a fault, in the order of `faults` @throws the signal's reason */
export async function runDrills(faults: readonly Fault[], options: DrillsOptions): Promise<readonly DrillResult[]> {
  const drills = faults.map((fault) => DRILLS[fault]);
  const results = new Map<Fault, DrillResult>();
  const lane = async (queue: Drill[], alone: boolean): Promise<void> => {
    for (let drill = queue.shift(); drill !== undefined; drill = queue.shift()) {
      const result = await attempt(drill, alone, options);
      results.set(drill.fault, result);
      options.onResult(result);
    }
  };
  const calm = drills.filter(({ busy }) => busy !== true);
  const isAlone = drills.length === 1;
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => lane(calm, isAlone)));
  await lane(
    drills.filter(({ busy }) => busy === true),
    true,
  );
  return faults.map((fault) => results.get(fault)!);
}

/** A drill that cannot be gone through with has failed; the others go on. */
async function attempt(drill: Drill, alone: boolean, { seed, signal }: DrillsOptions): Promise<DrillResult> {
  const clock = new WallClock();
  const startedAt = clock.monotonic();
  try {
    return await runDrill(drill, { clock, seed, signal, alone });
  } catch (error) {
    signal.throwIfAborted();
    return notRun(drill.fault, asQktError(error).message, Math.round(clock.monotonic() - startedAt));
  }
}

function notRun(fault: Fault, why: string, tookMs: number): DrillResult {
  return {
    fault,
    verdict: 'fail',
    detectedMs: null,
    gateClosedMs: null,
    haltedMs: null,
    alertedMs: null,
    recoveredMs: null,
    falseOk: 0,
    unanswered: 0,
    falseAlarms: 0,
    samples: 0,
    neighbour: null,
    failures: [why],
    tookMs,
  };
}
