/** Processes that a benchmark starts and talks to, one question at a time. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * @param file beside this one
 * @returns `ready`: the first message of the child; `tell` and `ask` send one; `ask` gives its answer
 */
export async function startChild(file, options, execArgv = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(options)], { execArgv });
  const next = () =>
    new Promise((resolve, reject) => {
      const onExit = (code, signal) => reject(new Error(`${file} ended with ${code ?? signal}`));
      child.once('exit', onExit);
      child.once('message', (message) => {
        child.off('exit', onExit);
        resolve(message);
      });
    });
  const ready = await next();
  const tell = (kind, more = {}) => child.send({ kind, ...more });
  const ask = async (kind, more) => {
    const answer = next();
    tell(kind, more);
    return (await answer).answer;
  };
  const end = async () => {
    const exit = once(child, 'exit');
    tell('end');
    await exit;
  };
  return { ready, tell, ask, end, pid: child.pid };
}
