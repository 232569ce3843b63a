/** Loads configuration text as a file of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Loaded, type LoadOptions } from '../../src/config/load.ts';
import { QktError } from '../../src/errors.ts';

export async function inTempDir<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'qkt-config-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As `loadConfig` on a file with this text. */
export function loadText(text: string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return inTempDir(async (directory) => {
    const file = join(directory, 'qkt.config.yaml');
    await writeFile(file, text);
    return loadConfig({ file, env: {}, cwd: directory, ...options });
  });
}

/** The error that loading ends in. */
export async function refusalOf(loading: Promise<unknown>): Promise<QktError> {
  try {
    await loading;
  } catch (error) {
    if (error instanceof QktError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}
