/**
 * `npm start`: the daemon with the examples on the synthetic market, its state in `.qkt` of the
 * project. `npm start -- --once`: a bounded replay in a temporary directory instead.
 */
import { join, relative } from 'node:path';
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
try {
  if (process.argv.includes('--once')) {
    const { replayExamples } = await import('./demo.mjs');
    await replayExamples();
  } else {
    const { startDaemon } = await import('../dist/cli/daemon-start.js');
    await startDaemon({ stateDir: STATE_DIR, loadDir: 'examples' }, tellWhatToTry);
  }
} catch (error) {
  explain(error, false);
  process.exitCode = exitCodeOf(error);
}

function tellWhatToTry({ pid, controlPort, stateDir, strategies }) {
  const first = strategies[0] ?? { name: '<name>', port: '<port>' };
  const logs = relative(ROOT, join(stateDir, 'logs'));
  const lines = [
    `qkt runs: process ${pid}, control plane http://127.0.0.1:${controlPort}`,
    '',
    ...strategies.map(({ name, port }) => `  ${name.padEnd(18)} http://127.0.0.1:${port}/status`),
    '',
    'Try:',
    `  curl http://127.0.0.1:${first.port}/status`,
    `  curl http://127.0.0.1:${first.port}/health`,
    `  curl -N 'http://127.0.0.1:${first.port}/events?follow=true&types=order,fill'`,
    `  curl http://127.0.0.1:${controlPort}/daemon/list`,
    qkt('list'),
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
