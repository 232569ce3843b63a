/**
 * From the start of a process to what a person waits for: a daemon that says it runs, a verb's answer.
 * Beside each of them runs an empty Node process, which nothing can be faster than.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EMA_CROSS, withDirectory } from './host.mjs';
import { comparePairs } from './statistics.mjs';

const QKT = fileURLToPath(new URL('../bin/qkt.js', import.meta.url));
const run = promisify(execFile);

/** Verbs as they are typed, against a daemon that runs. */
const VERBS = [
  ['--version'],
  ['list'],
  ['status', 'ema-cross'],
  ['health', 'ema-cross'],
  ['events', 'ema-cross'],
  ['halt', 'ema-cross', '--reason', 'bench'],
];

export const startup = {
  title: (pairs) => `from the start of a process (medians of ${pairs} interleaved pairs, least to most)`,
  columns: [
    ['OF', 'what', 'text'],
    ['UNTIL DONE', 'ms', 'spreadMilli'],
    ['EMPTY NODE', 'nodeMs', 'middleMilli'],
    ['OF EMPTY', 'ratio', 'ratio'],
  ],
  async run({ pairs, told }) {
    return withDirectory(async (directory) => {
      told('daemon');
      const rows = [await compare('qkt daemon start', pairs, (round) => timeDaemon(join(directory, `state-${round}`)))];
      const stateDir = join(directory, 'state');
      const daemon = await startDaemon(stateDir);
      try {
        const env = { ...process.env, QKT_STATE_DIR: stateDir };
        await run(process.execPath, [QKT, 'deploy', EMA_CROSS], { env });
        for (const verb of VERBS) {
          const what = `qkt ${verb.join(' ')}`;
          told(what);
          rows.push(await compare(what, pairs, () => timed(() => run(process.execPath, [QKT, ...verb], { env }))));
        }
      } finally {
        await endDaemon(daemon);
      }
      return rows;
    });
  },
};

async function compare(what, pairs, timeIt) {
  const empty = () => timed(() => run(process.execPath, ['-e', '0']));
  const { first, second, ratio } = await comparePairs(pairs, timeIt, empty);
  return { what, ms: first, nodeMs: second, ratio };
}

async function timeDaemon(stateDir) {
  const begun = performance.now();
  const daemon = await startDaemon(stateDir);
  const ms = performance.now() - begun;
  await endDaemon(daemon);
  return ms;
}

/** @returns the process, once it has said that it runs */
async function startDaemon(stateDir) {
  const options = ['--state-dir', stateDir, '--control-port', '0', '--port-pool', '45000-46999'];
  const daemon = spawn(process.execPath, [QKT, 'daemon', 'start', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(createInterface({ input: daemon.stdout }), 'line');
  return daemon;
}

async function endDaemon(daemon) {
  const exit = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await exit;
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
