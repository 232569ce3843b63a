import { describe, expect, it } from 'vitest';
import { qkt, temporaryDir } from './support.ts';

const MISUSES: readonly (readonly [line: string, says: string])[] = [
  ['', 'Usage: qkt'],
  ['lits', 'Did you mean list?'],
  ['list extra', 'too many arguments'],
  ['list --jsno', 'Did you mean --json?'],
  ['logs', "missing required argument 'name'"],
  ['logs a --lines 0', '--lines'],
  ['logs a --lines 10001', '--lines'],
  ['logs a --level loud', '--level'],
  ['logs a --since yesterday', '--since'],
  ['events --since oops', '--since'],
  ['stop a --timeout 0', '--timeout'],
  ['deploy a.ts --param fast', '--param'],
  ['deploy a.ts --param =5', '--param'],
  ['run a.ts --replay a.csv --speed fast', '--speed'],
  ['run a.ts --replay a.csv --speed 0', '--speed'],
  ['run a.ts --replay a.csv --speed -1', '--speed'],
  ['run a.ts --once', '--once needs --replay'],
  ['run a.ts --symbol EURUSD --speed 5', '--symbol and --speed needs --replay'],
  ['run a.ts --port-pool 5', '--port-pool'],
  ['run a.ts --control-port 65536', '--control-port'],
  ['run a.ts --isolation thread', '--isolation'],
  ['run a.ts --config nowhere.yaml', 'nowhere.yaml'],
  ['daemon', 'Usage: qkt daemon'],
  ['daemon strat', 'start'],
  ['daemon --state-dir x', 'Usage: qkt daemon'],
  ['monitoring --state-dir x', 'Usage: qkt monitoring'],
  ['monitoring --json', 'prometheus-rules'],
  ['token --json', 'Usage: qkt token'],
  ['daemon start --port-pool 9-8', '--port-pool'],
  ['token add ci', '--scope'],
  ['token add ci --scope god', 'read, ack, halt, admin'],
  ['completion powershell', 'bash, zsh, fish'],
];

describe('wrong usage', () => {
  it.each(MISUSES)('exits 2 and says what is wrong: qkt %s', async (line, says) => {
    const { code, stdout, stderr } = await qkt(
      line.split(' ').filter((word) => word !== ''),
      { cwd: temporaryDir() },
    );
    expect(stderr).toContain(says);
    expect([code, stdout]).toEqual([2, '']);
  });

  it.each<readonly [line: string, says: string, near: readonly string[]]>([
    ['halt x --json', "required option '--reason <text>' not specified", []],
    ['logs a --lines 0 --json', 'It must be a whole number from 1 to 10000.', []],
    ['lits --json', "unknown command 'lits'", ['list']],
    ['list --jsno --json', "unknown option '--jsno'", ['--json']],
    ['daemon --json', 'Usage: qkt daemon', []],
    ['run a.ts --once --json', '--once needs --replay <csv>', []],
  ])('with --json is one problem document on stderr: qkt %s', async (line, says, near) => {
    const { code, stdout, stderr } = await qkt(line.split(' '), { cwd: temporaryDir() });
    expect([code, stdout]).toEqual([2, '']);
    const problem = JSON.parse(stderr) as { readonly candidates?: unknown };
    expect(problem).toMatchObject({ code: 'QKT_E_USAGE', detail: expect.stringContaining(says) as string });
    expect(problem.candidates ?? []).toEqual(near);
  });

  it('is not asking for help or for the version', async () => {
    const help = await qkt(['stop', '--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('--flatten');
    expect((await qkt(['help', 'stop'])).stdout).toBe(help.stdout);
    expect((await qkt(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
