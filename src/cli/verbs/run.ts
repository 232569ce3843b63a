/** `qkt run <file>`: one strategy in the foreground, on a replay or on the configured market. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../../app.ts';
import type { DeployResult } from '../../domain/ports.ts';
import { toJson } from '../../domain/json.ts';
import { QktError } from '../../errors.ts';
import { withFreeControlPort } from '../control-port.ts';
import { configOf, withApp } from '../host.ts';
import { flagsOf, withHostOptions, type HostOptions } from '../host-options.ts';
import { collectParam, withCommonOptions } from '../options.ts';
import { note, print } from '../output.ts';
import { progressWhile } from '../progress.ts';
import { checkReplayOptions, onReplayAlone, replaySpeed, replayVenue, type ReplayOptions } from '../replay-options.ts';
import { lossOf, printSummary } from '../run-summary.ts';

interface RunOptions extends HostOptions, ReplayOptions {
  readonly param?: Readonly<Record<string, string>>;
}

export function define(command: Command): void {
  withHostOptions(withCommonOptions(command))
    .argument('<file>', 'a strategy file (.ts, .mts, .js or .mjs)')
    .option('--replay <csv>', 'quotes or bars from a CSV file, plain or gzip')
    .option('--symbol <symbol>', 'the symbol of a CSV file that does not name it')
    .option('--speed <speed>', '1 is real time, N is N times as fast, max as fast as it goes', replaySpeed)
    .option('--once', 'end with the data, print a summary')
    .option('--param <name=value>', 'a parameter; may be given more than once', collectParam)
    .action(run);
}

async function run(file: string, options: RunOptions): Promise<void> {
  checkReplayOptions(options);
  const configured = await configOf(options, { ...flagsOf(options), ...replayVenue(options) });
  const reachable = options.once === true ? await withFreeControlPort(configured) : configured.config;
  const config = options.replay === undefined ? reachable : onReplayAlone(reachable);
  await withApp({ ...configured, config }, { ...options, alone: true }, async (app, hosted) => {
    const params = options.param ?? {};
    // What a run before this one has left under the same name is gone on with: ledger, halts, budgets.
    const deployed = await unlessInterrupted(app.daemon.deploy({ file: resolve(file), params, by: 'owner' }));
    if (deployed === undefined) return;
    announce(deployed, options);
    app.openMarkets();
    hosted.ready();
    if (options.once === true) await toTheEnd(app, deployed.name, options);
    else await app.ended;
  });
}

/** A daemon of its own takes nothing only once a signal has begun to end it: that is no failure. */
async function unlessInterrupted(deploying: Promise<DeployResult>): Promise<DeployResult | undefined> {
  try {
    return await deploying;
  } catch (error) {
    if (!(error instanceof QktError) || error.code !== 'QKT_E_STARTING') throw error;
    note('interrupted before the strategy was loaded: nothing was run');
    return undefined;
  }
}

/** With `--once --json` stdout is the summary and nothing else. */
function announce({ name, port }: DeployResult, { once, json }: RunOptions): void {
  const say = once === true && json === true ? note : print;
  say(`QKT_PORT=${port}`);
  note(`${name} runs: http://127.0.0.1:${port}/status; Ctrl-C stops it in order`);
}

/** @throws QktError when the strategy was lost on the way */
async function toTheEnd(app: App, name: string, options: RunOptions): Promise<void> {
  await progressWhile(name, Promise.race([app.feedsEnded, app.ended]), () => app.progress());
  const summary = app.summary(name);
  if (summary.ticks === 0) note(`warning: ${options.replay} has no quotes of what ${name} trades`);
  if (options.json === true) print(toJson(summary));
  else await printSummary(summary);
  const loss = lossOf(summary);
  if (loss !== undefined) throw loss;
}
