/** Runs drills and shows what came of them. A Ctrl-C ends the twins first. */
import { toJson } from '../domain/json.ts';
import { FAULTS, type DrillResult, type Fault, type NeighbourLateness } from '../drills/types.ts';
import { QktError } from '../errors.ts';
import { DONE, REFUSED } from './exit.ts';
import type { CommonOptions } from './options.ts';
import { note, paint, print } from './output.ts';
import { printTable, type Column } from './table.ts';

export interface DrillOptions extends CommonOptions {
  readonly all?: boolean;
  readonly seed?: number;
}

/** By convention 128 + SIGINT, 128 + SIGTERM. */
const ENDED_BY = { SIGINT: 130, SIGTERM: 143 } as const;

const ms = (value: number | null): string => (value === null ? '—' : String(value));

const COLUMNS: readonly Column<DrillResult>[] = [
  { title: 'FAULT', cell: ({ fault }) => fault },
  { title: 'DETECTED', cell: ({ detectedMs }) => ms(detectedMs), right: true },
  { title: 'GATE CLOSED', cell: ({ gateClosedMs }) => ms(gateClosedMs), right: true },
  { title: 'HALTED', cell: ({ haltedMs }) => ms(haltedMs), right: true },
  { title: 'ALERTED', cell: ({ alertedMs }) => ms(alertedMs), right: true },
  { title: 'RECOVERED', cell: ({ recoveredMs }) => ms(recoveredMs), right: true },
  { title: 'FALSE OK', cell: ({ falseOk, samples }) => `${falseOk} of ${samples}`, right: true },
  { title: 'OTHERS P99', cell: ({ neighbour }) => added(neighbour), right: true },
  { title: 'VERDICT', cell: ({ verdict }) => verdict },
];

/** Prints the results; exit 1 when an expectation was not met. @throws QktError QKT_E_USAGE */
export async function showDrills(fault: Fault | undefined, { all, seed = 1, json }: DrillOptions): Promise<void> {
  if ((fault === undefined) === (all !== true))
    throw new QktError('QKT_E_USAGE', 'name a fault, or give --all for every one');
  const results = await untilInterrupted(async (signal) => {
    const { runDrills } = await import('../drills/run-drills.ts');
    const onResult = ({ fault, verdict, tookMs }: DrillResult): void =>
      note(`${fault}: ${verdict} after ${(tookMs / 1000).toFixed(1)} s`);
    return runDrills(fault === undefined ? FAULTS : [fault], { seed, signal, onResult });
  });
  if (results === undefined) return;
  const ok = results.every(({ verdict }) => verdict === 'pass');
  process.exitCode = ok ? DONE : REFUSED;
  if (json === true) print(toJson({ ok, seed, drills: results }));
  else await show(results);
}

async function show(results: readonly DrillResult[]): Promise<void> {
  await printTable(COLUMNS, results);
  print('milliseconds from the fault; recovered: from its end where it was mended from outside');
  for (const { fault, failures } of results)
    for (const failure of failures) print(`${paint('red', 'failed')} ${fault}: ${failure}`);
}

/** `busy`: the machine was, so that nothing can be said. */
function added(neighbour: NeighbourLateness | null): string {
  if (neighbour === null) return '—';
  const { addedMs } = neighbour;
  return addedMs === null ? 'busy' : `${addedMs < 0 ? '' : '+'}${addedMs.toFixed(1)}`;
}

/** @returns undefined when a signal has ended it; everything is cleaned up then. */
async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    process.exitCode = ENDED_BY[signal as keyof typeof ENDED_BY];
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await run(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    note('ended before the drills were over');
    return undefined;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
