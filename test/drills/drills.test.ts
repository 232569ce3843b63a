/** Every drill once, with the real `qkt`: what the table of `docs/drills.md` promises is what is measured here. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DRILLS } from '../../src/drills/drills.ts';
import { FAULTS, type DrillResult, type Fault } from '../../src/drills/types.ts';
import { QKT, qkt, startQkt, temporaryDir } from '../cli/support.ts';
import { poll } from '../doubles/daemon.ts';

const ALL_MS = 240_000;

describe('qkt drill --all', () => {
  let results: ReadonlyMap<Fault, DrillResult>;
  let left: readonly string[];

  beforeAll(async () => {
    const tmp = mkdtempSync(join(tmpdir(), 'qkt-drills-'));
    // Not by `qkt` of the support, which belongs to one test.
    const env = { PATH: process.env['PATH'], TMPDIR: tmp };
    const stdout = await new Promise<string>((resolve) => {
      execFile(process.execPath, [QKT, 'drill', '--all', '--json'], { env }, (_, text) => resolve(text));
    });
    const { drills } = JSON.parse(stdout) as { readonly drills: readonly DrillResult[] };
    results = new Map(drills.map((result) => [result.fault, result]));
    left = readdirSync(tmp);
    rmSync(tmp, { recursive: true, force: true });
  }, ALL_MS);

  it.each(FAULTS)('%s is told, contained and over within the times expected', (fault) => {
    const { failures, falseOk, falseAlarms, unanswered, samples } = results.get(fault)!;
    // Other tests keep the processors busy meanwhile: how late ticks are is for a drill alone to judge.
    expect(failures.filter((failure) => !failure.startsWith("neighbour's ticks"))).toEqual([]);
    expect({ falseOk, falseAlarms, unanswered }).toEqual({ falseOk: 0, falseAlarms: 0, unanswered: 0 });
    expect(samples).toBeGreaterThan(100);
  });

  it('raises the alert that tells of it, where somebody need be called', () => {
    const alerted = FAULTS.filter((fault) => results.get(fault)!.alertedMs !== null);
    expect(alerted).toEqual(FAULTS.filter((fault) => DRILLS[fault].alert !== undefined));
  });

  it('leaves nothing behind', () => {
    expect(left).toEqual([]);
  });
});

describe('a drill that is not let finish', () => {
  /** Under way, in a directory for temporary files of its own. */
  async function underWay() {
    const tmp = temporaryDir();
    const drill = startQkt(['drill', 'hang'], { env: { TMPDIR: tmp } });
    const ended = new Promise<number | null>((resolve) => drill.on('exit', resolve));
    const twin = await poll('the twin', () => readdirSync(tmp)[0], 15_000);
    await poll('its daemon', () => existsSync(`${tmp}/${twin}/state/control.port`) || undefined, 15_000);
    const { pid } = JSON.parse(readFileSync(`${tmp}/${twin}/state/daemon.lock`, 'utf8')) as { readonly pid: number };
    const kill = (signal: NodeJS.Signals): Promise<number | null> => {
      drill.kill(signal);
      return ended;
    };
    return { kill, tmp, pid };
  }
  const isGone = (pid: number): true | undefined => {
    try {
      process.kill(pid, 0);
      return undefined;
    } catch {
      return true;
    }
  };

  it('is ended by a Ctrl-C with its twin, and exits 130', async () => {
    const { kill, tmp, pid } = await underWay();
    expect(await kill('SIGINT')).toBe(130);
    expect(readdirSync(tmp)).toEqual([]);
    await poll('the twin to be gone', () => isGone(pid));
  });

  it('leaves nothing behind when it is killed before its twin is ready', async () => {
    const directory = temporaryDir();
    const twin = fork('dist/drills/twin-process.js', [directory, '1', 'paper'], { stdio: 'ignore' });
    twin.disconnect();
    await once(twin, 'exit');
    expect(existsSync(directory)).toBe(false);
  });

  it('takes its twin with it when it is killed', async () => {
    const { kill, tmp, pid } = await underWay();
    await kill('SIGKILL');
    await poll('the twin to be gone', () => isGone(pid), 10_000);
    expect(readdirSync(tmp)).toEqual([]);
  });
});

it.each([
  ['no fault', ['drill']],
  ['a fault and --all', ['drill', 'hang', '--all']],
  ['a fault that there is not', ['drill', 'flood']],
])('%s is wrong usage', async (_, args) => {
  expect(await qkt(args)).toMatchObject({ code: 2, stdout: '' });
});
