/** `--load-dir`: deploys what it finds. */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DaemonPort } from '../domain/ports.ts';
import { asQktError, QktError } from '../errors.ts';
import { note, printable } from './output.ts';

export interface Deployed {
  readonly name: string;
  readonly port: number;
}

const STRATEGY_FILE = /(?<!\.d)\.(ts|mts|js|mjs)$/;

/**
 * Deploys every strategy file of a directory, in the order of their names. One that is broken is
 * reported on stderr and does not stop the others; one that the daemon has already, from an earlier
 * run on this state directory, is left as it is: stopped or halted it stays so (`deploy --replace`
 * takes a changed file).
 * @throws QktError QKT_E_FILE when the directory cannot be read.
 */
export async function deployDirectory(daemon: DaemonPort, directory: string): Promise<readonly Deployed[]> {
  const deployed: Deployed[] = [];
  for (const file of await strategyFiles(resolve(directory))) {
    try {
      const { name, port } = await daemon.deploy({ file, keep: true, by: 'owner' });
      if (port !== null) deployed.push({ name, port });
    } catch (error) {
      note(`not deployed: ${printable(asQktError(error).located)}`);
    }
  }
  return deployed;
}

async function strategyFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => STRATEGY_FILE.test(name))
      .toSorted()
      .map((name) => join(directory, name));
  } catch (error) {
    throw new QktError('QKT_E_FILE', `${directory} cannot be read as a directory`, { cause: error });
  }
}
