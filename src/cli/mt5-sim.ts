/** Hosts the MT5 gateway simulator until a signal ends it. */
import { join, resolve } from 'node:path';
import { toJson } from '../domain/json.ts';
import type { Mt5SimulatorOptions } from '../mt5-sim/simulator.ts';
import { asQktError } from '../errors.ts';
import type { FaultFlag, Feed } from './mt5-sim-options.ts';
import { stateDirOf, type CommonOptions } from './options.ts';
import { note, outliveReaders, print } from './output.ts';

export interface Mt5SimOptions extends CommonOptions, Pick<Mt5SimulatorOptions, 'profile' | 'account' | 'symbols'> {
  readonly port: number;
  readonly balance: string;
  readonly currency: string;
  readonly login: number;
  readonly server: string;
  readonly commission: string;
  readonly feed: Feed;
  readonly seed: number;
  readonly gatewayVersion: NonNullable<Mt5SimulatorOptions['version']>;
  readonly fault: readonly FaultFlag[];
  readonly state?: string;
  readonly stopOut: string;
  readonly whitelist?: readonly string[];
}

/** Prints the port, and settles when it has ended in order. */
export async function hostMt5Simulator(options: Mt5SimOptions): Promise<void> {
  outliveReaders();
  const ended = untilSignal();
  const { createMt5Simulator } = await import('../mt5-sim/simulator.ts');
  const simulator = await createMt5Simulator(simulated(options));
  try {
    const port = await simulator.listen(options.port);
    if (options.json === true) print(toJson({ port, url: `http://127.0.0.1:${port}` }));
    else print(`QKT_PORT=${port}`);
    note(`mt5-sim runs: http://127.0.0.1:${port}/health; Ctrl-C ends it`);
    await ended;
  } finally {
    await simulator.close();
  }
}

function simulated(options: Mt5SimOptions): Mt5SimulatorOptions {
  const { commission, gatewayVersion, fault, feed, login, state, stopOut, ...rest } = options;
  const [kind, file] = [feed.slice(0, 'replay:'.length), feed.slice('replay:'.length)];
  return {
    ...rest,
    login,
    feed: kind === 'replay:' ? `replay:${resolve(file)}` : feed,
    commissionPerLot: commission,
    version: gatewayVersion,
    faults: fault,
    // A secret on the command line is in everybody's list of processes.
    apiKey: process.env['QKT_MT5_KEY'] ?? '',
    stopOutLevel: stopOut,
    ...(state !== undefined && { stateFile: resolve(state) }),
    killFile: join(stateDirOf(options), 'mt5-sim', `${login}.kill-switch`),
    feedFailed: (error) => note(`the replay has failed: ${asQktError(error).located}`),
  };
}

/** SIGINT and SIGTERM alike. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    process.once('SIGINT', end).once('SIGTERM', end);
  });
}
