/** Files for replay tests, in a directory that is gone after the test file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { FeedFault, Tick } from '../../src/domain/market.ts';
import { QktError } from '../../src/errors.ts';
import { openReplay, type ReplaySource } from '../../src/venues/replay-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'qkt-feeds-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

/** Writes a file of its own for each call. */
export function write(content: string | Uint8Array, name = 'data.csv'): string {
  files += 1;
  const file = join(directory, `${files}-${name}`);
  writeFileSync(file, content);
  return file;
}

export const emptyDirectory = directory;

/** The folder of real market data; absent in a stranger's clone. */
export const sharedData = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

export interface Replayed {
  readonly source: ReplaySource;
  readonly ticks: readonly Tick[];
  readonly faults: readonly FeedFault[];
}

/** Opens a file and reads all of it. */
export async function replay(file: string, symbol?: string, spread = 0): Promise<Replayed> {
  const source = await openReplay(file, { ...(symbol === undefined ? {} : { symbol }), spreadOf: () => spread });
  const ticks: Tick[] = [];
  const faults: FeedFault[] = [];
  source.faults$.subscribe((fault) => faults.push(fault));
  for await (const batch of source.batches()) ticks.push(...batch);
  return { source, ticks, faults };
}

/** The refusal that opening this file meets. */
export async function refusal(file: string, symbol?: string): Promise<QktError> {
  try {
    await replay(file, symbol);
  } catch (error) {
    if (error instanceof QktError) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
}
