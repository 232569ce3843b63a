import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveControl } from '../http/support.ts';
import { qkt, temporaryDir } from './support.ts';

describe('qkt config check', () => {
  it('prints the effective values and where each came from', async () => {
    const cwd = temporaryDir();
    writeFileSync(join(cwd, 'qkt.config.yaml'), 'http: { controlPort: 0 }\nlogging: { level: "${LEVEL}" }\n');
    const { code, stdout, stderr } = await qkt(['config', 'check'], { cwd, env: { LEVEL: 'debug' } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^http\.controlPort +0 +file$/m);
    expect(stdout).toMatch(/^logging\.level +debug +environment$/m);
    expect(stdout).toMatch(/^account\.startingBalance +10000 +default$/m);
    expect(stderr).toContain('is valid');
  });

  it('tells every mistake with its place, and exits 2', async () => {
    const cwd = temporaryDir();
    writeFileSync(join(cwd, 'bad.yaml'), 'htpp: {}\nlogging: { level: loud }\n');
    const { code, stdout, stderr } = await qkt(['config', 'check', '--config', 'bad.yaml'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${join(cwd, 'bad.yaml')}:1:1: unknown key "htpp" (did you mean "http"?)`);
    expect(stderr).toContain('2:19: "level" must be one of');
    expect(stderr).not.toContain('qkt config check');
    expect(stderr).toMatch(/\nThese are all: mend the lines that are named\.\n$/);
  });

  it('answers a program in JSON, valid or not', async () => {
    const cwd = temporaryDir();
    const good = await qkt(['config', 'check', '--json'], { cwd });
    expect(good.stdout).toContain('{"key":"instruments.EURUSD.tickSize","value":0.00001,"origin":"default"}');
    writeFileSync(join(cwd, 'qkt.config.yaml'), 'x: 1');
    const bad = await qkt(['config', 'check', '--json'], { cwd });
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.stdout)).toMatchObject({ valid: false, problems: [{ line: 1, column: 1 }] });
  });
});

describe('qkt token', () => {
  it('makes a token that a running daemon takes at once, and revokes it', async () => {
    const { stateDir, tokens } = await serveControl();
    const run = (...args: string[]) => qkt(['token', ...args, '--state-dir', stateDir]);
    const { stdout: token } = await run('add', 'ci', '--scope', 'halt');
    expect(tokens.verify(`Bearer ${token.trim()}`)).toEqual({ name: 'ci', scope: 'halt' });
    const { stdout: list } = await run('list');
    expect(list).toMatch(/^ci +halt +\d{4}-/m);
    expect(list).not.toContain(token.trim());
    expect((await run('revoke', 'ci')).code).toBe(0);
    expect(tokens.verify(`Bearer ${token.trim()}`)).toBeUndefined();
    expect((await run('revoke', 'ci')).code).toBe(2);
  });

  it('makes a state directory that is private', async () => {
    const stateDir = join(temporaryDir(), 'state');
    await qkt(['token', 'list', '--state-dir', stateDir]);
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
  });
});

describe('qkt completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script that %s reads, where it is installed', async (shell) => {
    const { code, stdout } = await qkt(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['deploy', '--flatten', 'daemon start', 'fish'])
      expect(stdout.replaceAll('; and __fish_seen_subcommand_from', '')).toContain(word);
    const checked = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    if (checked.error === undefined) expect([checked.status, checked.stderr]).toEqual([0, '']);
  });

  it('completes verbs, options and verbs of verbs in bash', async () => {
    const { stdout: script } = await qkt(['completion', 'bash']);
    const complete = (...words: string[]) => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const input = `${script}\nqkt() { return 3; }\nCOMP_WORDS=(qkt ${quoted})\nCOMP_CWORD=${words.length}\n_qkt\necho "\${COMPREPLY[@]}"`;
      return spawnSync('bash', { input, encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(complete('st')).toEqual(['status', 'stop', 'start']);
    expect(complete('stop', '--f')).toEqual(['--flatten']);
    expect(complete('daemon', 'sta')).toEqual(['start', 'status']);
    expect(complete('daemon', 'start', '--det')).toEqual(['--detach']);
    expect(complete('completion', 'z')).toEqual(['zsh']);
  });
});

describe('qkt diagram', () => {
  it('lists the machines there are when asked for one that is not', async () => {
    const { code, stderr } = await qkt(['diagram', 'strtegy']);
    expect(code).toBe(2);
    expect(stderr).toContain('"strtegy"');
  });
});

describe('bin/qkt.js', () => {
  it('ends without a word when nobody reads its output any more', () => {
    const bin = new URL('../../bin/qkt.js', import.meta.url).pathname;
    const script = `node '${bin}' config check | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: temporaryDir() });
    expect(stdout).toMatch(/^KEY.*\n0\n$/);
    expect(stderr).not.toContain('EPIPE');
  });
});
