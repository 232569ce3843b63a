/**
 * `npm start`: the daemon with the examples on the synthetic market and on a simulated MT5 gateway, its state in
 * `.qkt` of the project. A configuration that has a venue of that name itself is left to it.
 * `npm start -- --once`: a bounded replay in a temporary directory instead.
 */
import { join, relative } from 'node:path';
import { portTaken } from './port-taken.mjs';
import { ROOT, setup } from './setup.mjs';

const STATE_DIR = '.qkt';
const qkt = (verb) => `  node bin/qkt.js ${verb} --state-dir ${STATE_DIR}`;

const unknown = process.argv.slice(2).filter((argument) => argument !== '--once');
if (unknown.length > 0) {
  process.stderr.write(`npm start takes --once and nothing else, not ${unknown.join(' ')}\n`);
  process.exit(2);
}
await setup();
process.chdir(ROOT);
const { exitCodeOf } = await import('../dist/cli/exit.js');
const { explain } = await import('../dist/cli/explain.js');
const { QktError } = await import('../dist/errors.js');
try {
  if (process.argv.includes('--once')) {
    const { replayExamples } = await import('./demo.mjs');
    for (const loss of await replayExamples()) {
      explain(loss, false);
      process.exitCode = exitCodeOf(loss);
    }
  } else {
    await startExamples();
  }
} catch (error) {
  const hint = portTaken(error);
  explain(hint === undefined ? error : new QktError(error.code, error.message, { members: { hint } }), false);
  process.exitCode = exitCodeOf(error);
}

async function startExamples() {
  const { startDaemon } = await import('../dist/cli/daemon-start.js');
  const { loadConfig } = await import('../dist/config/load.js');
  const { startGateway, VENUE } = await import('./demo-gateway.mjs');
  const { config } = await loadConfig({ env: process.env, cwd: ROOT });
  const gateway = config.venues.has(VENUE) ? undefined : await startGateway(STATE_DIR);
  try {
    const options = { stateDir: STATE_DIR, loadDir: 'examples', ...(gateway && { above: gateway.config }) };
    await startDaemon(options, (running) => tellWhatToTry(running, gateway?.url));
  } finally {
    await gateway?.close();
  }
}

function tellWhatToTry({ pid, controlPort, stateDir, strategies }, gatewayUrl) {
  const first = strategies[0] ?? { name: '<name>', port: '<port>' };
  const logs = relative(ROOT, join(stateDir, 'logs'));
  const lines = [
    `qkt runs: process ${pid}, control plane http://127.0.0.1:${controlPort}`,
    '',
    ...strategies.map(({ name, port }) => `  ${name.padEnd(18)} http://127.0.0.1:${port}/status`),
    '',
    `The page: open the link that this prints (without a link http://127.0.0.1:${controlPort}/ only shows):`,
    qkt('dashboard'),
    '',
    'Try:',
    `  curl http://127.0.0.1:${first.port}/status`,
    `  curl http://127.0.0.1:${first.port}/health`,
    `  curl -N 'http://127.0.0.1:${first.port}/events?follow=true&types=order,fill'`,
    `  curl http://127.0.0.1:${controlPort}/daemon/list`,
    qkt('list'),
    ...(gatewayUrl === undefined ? [] : gatewayTries(gatewayUrl)),
    qkt(`status ${first.name}`),
    qkt(`logs ${first.name} -f`),
    qkt(`stop ${first.name} --flatten`),
    '',
    `Logs: ${logs}/<name>.log, and ${logs}/daemon.log with all of them.`,
    `Ctrl-C ends it in order; so does:`,
    qkt('daemon stop'),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What can be seen of a gateway, and done to one that is simulated. */
function gatewayTries(url) {
  return [
    qkt('gateways'),
    `  curl ${url}/sim/faults --json '{"name":"mt5-down","for":20000}'   # its terminal is away for 20 s`,
  ];
}
