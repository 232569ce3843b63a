/** Where a configuration file may lie. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { QktError } from '../errors.ts';

const CONFIG_FILE = 'qkt.config.yaml';

export interface FoundFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the file named by `--config` or QKT_CONFIG, else the first of `./qkt.config.yaml` and
 * `$XDG_CONFIG_HOME/qkt/qkt.config.yaml`; undefined when there is none.
 * @throws QktError QKT_E_CONFIG_FILE when a named file is missing, or one that is there cannot be read.
 */
export async function findConfigFile(
  named: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<FoundFile | undefined> {
  const chosen = named ?? nonEmpty(env['QKT_CONFIG']);
  if (chosen !== undefined) return read(resolve(cwd, chosen));
  const configHome = nonEmpty(env['XDG_CONFIG_HOME']) ?? join(nonEmpty(env['HOME']) ?? homedir(), '.config');
  for (const file of [join(cwd, CONFIG_FILE), join(configHome, 'qkt', CONFIG_FILE)]) {
    const found = await readIfThere(file);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readIfThere(file: string): Promise<FoundFile | undefined> {
  try {
    return { file, text: await readFile(file, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(file, error);
  }
}

async function read(file: string): Promise<FoundFile> {
  const found = await readIfThere(file);
  if (found === undefined) throw unreadable(file, new Error('there is no such file'));
  return found;
}

function unreadable(file: string, cause: unknown): QktError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QktError('QKT_E_CONFIG_FILE', `${file}: ${reason}`, { cause });
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
