/** A sink on a directory of its own, and what it has written. */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { createLogSink, type LogSink, type LogSinkOptions } from '../../src/actors/log-sink.ts';
import { WallClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/types.ts';

export const CONFIG: Config['logging'] = { level: 'info', format: 'text', maxFileMB: 50, keepDays: 7, totalMB: 500 };

export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'qkt-logs-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function sinkIn(dir: string, options: Partial<LogSinkOptions> = {}): LogSink {
  const sink = createLogSink({ dir, config: CONFIG, clock: new WallClock(), secrets: [], ...options });
  onTestFinished(() => sink.close());
  return sink;
}

/** Sizes by name. */
export async function sizes(dir: string): Promise<Readonly<Record<string, number>>> {
  const names = await readdir(dir);
  // One that is being replaced may have gone since.
  const found = names.map(
    async (name) =>
      [
        name,
        await stat(join(dir, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

export const total = (bySize: Readonly<Record<string, number>>): number =>
  Object.values(bySize).reduce((sum, size) => sum + size, 0);

/** Every line of a log, rotated files first, in order. */
export async function everyLine(dir: string, log: string): Promise<readonly string[]> {
  const numberOf = (name: string): number => Number(/\.(\d+)(?:\.gz)?$/.exec(name)?.[1] ?? Infinity);
  const ours = new RegExp(String.raw`^${log}\.log(\.[\d-]{10}\.\d+(\.gz)?)?$`);
  const names = (await readdir(dir)).filter((name) => ours.test(name));
  const texts = names.toSorted((a, b) => numberOf(a) - numberOf(b)).map((name) => textOf(join(dir, name)));
  return (await Promise.all(texts)).join('').split('\n').slice(0, -1);
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  return String(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not come about');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
