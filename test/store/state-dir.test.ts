import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WallClock } from '../../src/clock.ts';
import { openStateDir, type StateDir } from '../../src/store/state-dir.ts';

const clock = new WallClock();
let base: string;
let dir: string;
let holderScript: string;
let scratch: string;
const open: StateDir[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'qkt-holder-'));
  holderScript = join(scratch, 'holder.mjs');
  await build({
    entryPoints: [new URL('state-dir-holder.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: holderScript,
  });
});
afterAll(() => rm(scratch, { recursive: true }));
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'qkt-state-'));
  dir = join(base, 'state');
});
afterEach(async () => {
  for (const state of open.splice(0)) state.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(base, { recursive: true });
});

async function opened(path = dir): Promise<StateDir> {
  const state = await openStateDir(path, clock);
  open.push(state);
  return state;
}
const dead = (nonce: string): string => JSON.stringify({ pid: 2 ** 31 - 2, started: null, nonce });
const mode = (path: string): number => statSync(path).mode & 0o777;

/** A child that tries to take the directory, and the line that it says. */
async function holder(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [holderScript, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said };
}

describe('a state directory', () => {
  it('is created private, with private directories for logs and modules', async () => {
    const state = await opened();
    expect([mode(dir), mode(state.logsDir), mode(state.strategiesDir)]).toEqual([0o700, 0o700, 0o700]);
  });

  it('is made private when it is empty or ours', async () => {
    await mkdir(dir, { mode: 0o755 });
    (await opened()).close();
    await chmod(dir, 0o755);
    await opened();
    expect(mode(dir)).toBe(0o700);
  });

  it('is refused, and left as it is, when it is open to others and holds their files', async () => {
    await mkdir(dir, { mode: 0o755 });
    await writeFile(join(dir, 'thesis.txt'), '');
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
    expect(mode(dir)).toBe(0o755);
    expect(await readdir(dir)).toEqual(['thesis.txt']);
  });

  it('is refused when others could have written to it', async () => {
    (await opened()).close();
    await chmod(dir, 0o777);
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
  });

  it.runIf(process.getuid?.() === 0)('is refused when it belongs to another user', async () => {
    await mkdir(dir, { mode: 0o700 });
    await chown(dir, 12_345, 12_345);
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
  });

  it('is refused when it is a file, and the error names it', async () => {
    await writeFile(dir, '');
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({
      code: 'QKT_E_STATE_DIR',
      message: expect.stringContaining(dir) as string,
    });
  });

  it('is refused when its logs are a link to somewhere else, and is not left locked', async () => {
    await mkdir(dir, { mode: 0o700 });
    symlinkSync(base, join(dir, 'logs'));
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({ code: 'QKT_E_STATE_DIR' });
    await rm(join(dir, 'logs'));
    await opened();
  });

  it('may itself be reached through a link', async () => {
    await mkdir(dir, { mode: 0o700 });
    symlinkSync(dir, join(base, 'link'));
    expect((await opened(join(base, 'link'))).path).toBe(realpathSync(dir));
  });
});

describe('the control port file', () => {
  it('holds the last port written, private, and goes at a clean end', async () => {
    const state = await opened();
    state.writeControlPort(40_000);
    state.writeControlPort(50_000);
    const file = join(dir, 'control.port');
    expect(readFileSync(file, 'utf8')).toBe('50000\n');
    expect(mode(file)).toBe(0o600);
    expect(await readdir(dir)).not.toContainEqual(expect.stringContaining('.tmp'));
    state.close();
    expect(existsSync(file)).toBe(false);
  });

  it('is cleared when it was left by a killed daemon (CP-14)', async () => {
    await mkdir(dir, { mode: 0o700 });
    await writeFile(join(dir, 'control.port'), '49999\n');
    await opened();
    expect(existsSync(join(dir, 'control.port'))).toBe(false);
  });

  it('replaces a link instead of writing through it', async () => {
    const state = await opened();
    const victim = join(base, 'victim');
    await writeFile(victim, 'precious');
    symlinkSync(victim, join(dir, 'control.port'));
    state.writeControlPort(40_000);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });
});

describe('the lock on a state directory', () => {
  it('refuses a second daemon of this process, until the first has closed', async () => {
    const first = await opened();
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({ code: 'QKT_E_LOCKED' });
    first.close();
    first.close();
    await opened();
  });

  it("refuses a second daemon with the first one's pid, and leaves its port file alone", async () => {
    const { child, said } = await holder();
    expect(said).toBe('held');
    await expect(openStateDir(dir, clock)).rejects.toMatchObject({
      code: 'QKT_E_LOCKED',
      message: expect.stringContaining(`process ${child.pid}`) as string,
      extras: { members: { pid: child.pid } },
    });
    expect(readFileSync(join(dir, 'control.port'), 'utf8')).toBe('49999\n');
  });

  it('passes on from a daemon that was killed', async () => {
    const { child } = await holder();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const state = await opened();
    expect(existsSync(join(dir, 'control.port'))).toBe(false);
    state.close();
    expect((await readdir(dir)).toSorted()).toEqual(['logs', 'strategies']);
  });

  it('goes to exactly one of several daemons that find a killed one', async () => {
    const { child } = await holder();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const rivals = await Promise.all(Array.from({ length: 6 }, holder));
    const winners = rivals.filter(({ said }) => said === 'held');
    expect(winners).toHaveLength(1);
    for (const { said } of rivals)
      expect(said === 'held' || said.includes(`in use by process ${winners[0]!.child.pid}`)).toBe(true);
  });

  it.runIf(existsSync('/proc/self/stat'))('is not fooled by a pid that another process has now', async () => {
    await mkdir(dir, { mode: 0o700 });
    const elsewhen = { pid: process.ppid, started: 'another boot/123', nonce: 'aa' };
    await writeFile(join(dir, 'daemon.lock'), JSON.stringify(elsewhen));
    await opened();
  });

  it('is taken over from a claimer that died half-way', async () => {
    await mkdir(dir, { mode: 0o700 });
    await writeFile(join(dir, 'daemon.lock'), dead('aa'));
    await writeFile(join(dir, 'daemon.lock.aa.claim'), dead('bb'));
    await opened();
    expect((await readdir(dir)).toSorted()).toEqual(['daemon.lock', 'logs', 'strategies']);
  });

  it('is taken over when a power failure cut the file short', async () => {
    await mkdir(dir, { mode: 0o700 });
    await writeFile(join(dir, 'daemon.lock'), '{"pid":');
    await opened();
  });

  it('is given back only by the one that holds it', async () => {
    const state = await opened();
    const other = JSON.stringify({ pid: process.ppid, started: null, nonce: 'cc' });
    await writeFile(join(dir, 'daemon.lock'), other);
    state.close();
    expect(readFileSync(join(dir, 'daemon.lock'), 'utf8')).toBe(other);
  });
});
