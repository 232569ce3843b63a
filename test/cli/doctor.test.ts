/** `qkt doctor` over things that are really broken; where a command mends them, it is run, and the finding is gone. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Ailment } from '../../src/cli/doctor-findings.ts';
import { clockFinding, filesFinding, nodeFinding, zonesFinding } from '../../src/cli/doctor-machine.ts';
import { strategySource } from '../acceptance/trading-scene.ts';
import { poll, TestDaemon } from '../doubles/daemon.ts';
import { QktProcess } from '../doubles/qkt-process.ts';
import { QKT, qkt, temporaryDir } from './support.ts';

interface Report {
  readonly ok: boolean;
  readonly findings: readonly Ailment[];
}

/** A look at `stateDir`; a configuration of any free control port keeps it off the ports of others. */
class Doctor {
  readonly dir = temporaryDir();
  readonly stateDir: string;
  readonly #config = join(this.dir, 'qkt.config.yaml');

  constructor(stateDir?: string) {
    this.stateDir = stateDir ?? join(this.dir, 'state');
    this.configure('http: { controlPort: 0 }');
  }

  configure(yaml: string): void {
    writeFileSync(this.#config, yaml);
  }

  async look(): Promise<Report & { readonly code: number | null }> {
    const { code, stdout, stderr } = await qkt([...this.#args(), '--json']);
    if (stdout === '') throw new Error(stderr);
    return { code, ...(JSON.parse(stdout) as Report) };
  }

  /** The worst finding of a check. */
  async finds(check: string): Promise<Ailment & { readonly code: number | null }> {
    const { code, findings } = await this.look();
    const ofCheck = findings.filter((finding) => finding.check === check);
    const worst = ['fail', 'warn', 'ok'].flatMap((verdict) => ofCheck.filter((each) => each.verdict === verdict))[0];
    if (worst === undefined) throw new Error(`no finding ${check}`);
    return { code, ...worst };
  }

  /** Runs what the doctor says, as a person would paste it. */
  mend({ mend }: Ailment): void {
    execFileSync('sh', ['-c', mend!], { stdio: 'ignore' });
  }

  #args(): string[] {
    return ['doctor', '--state-dir', this.stateDir, '--config', this.#config];
  }

  /** In a shell with this limit on open files. */
  under(openFiles: number): Report {
    const command = `ulimit -n ${openFiles}; exec ${process.execPath} ${QKT} ${this.#args().join(' ')} --json`;
    return JSON.parse(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout) as Report;
  }
}

const sound = (doctor: Doctor): void => mkdirSync(doctor.stateDir, { mode: 0o700 });

async function daemonOf(doctor: Doctor): Promise<TestDaemon> {
  const daemon = await TestDaemon.boot({ dir: doctor.dir, isolation: 'inline' });
  onTestFinished(() => daemon.close());
  return daemon;
}

describe('without a daemon', () => {
  it('finds nothing wrong before the first start, and says how to start', async () => {
    const doctor = new Doctor();
    const { code, ok, findings } = await doctor.look();
    expect([code, ok, findings.filter(({ verdict }) => verdict === 'fail')]).toEqual([0, true, []]);
    expect(await doctor.finds('daemon')).toMatchObject({
      verdict: 'warn',
      mend: `qkt daemon start --detach --state-dir ${doctor.stateDir}`,
    });
    expect(await doctor.finds('notifications')).toMatchObject({ verdict: 'warn' });
  });

  it.each<[string, string, (dir: string) => void, RegExp]>([
    ['a directory that others can read', 'state directory', (dir) => chmodSync(dir, 0o755), /mode 0755, not 0700/],
    [
      'a token that others can read',
      'permissions',
      (dir) => writeFileSync(join(dir, 'control.token'), 'x', { mode: 0o644 }),
      /control.token is open to others: mode 0644/,
    ],
    [
      'a link in place of the logs',
      'permissions',
      (dir) => symlinkSync('/tmp', join(dir, 'logs')),
      /logs is a symbolic link/,
    ],
    [
      'a file in place of the logs',
      'permissions',
      (dir) => writeFileSync(join(dir, 'logs'), '', { mode: 0o600 }),
      /logs is not a directory/,
    ],
    [
      'a file in place of the directory',
      'state directory',
      (dir) => {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, '');
      },
      /is not a directory/,
    ],
  ])('finds %s, and the command that mends it', async (_, check, spoil, figure) => {
    // prettier-ignore
    const doctor = new Doctor();
    sound(doctor);
    spoil(doctor.stateDir);
    const found = await doctor.finds(check);
    expect(found).toMatchObject({ code: 4, verdict: 'fail', figure: expect.stringMatching(figure) as string });
    doctor.mend(found);
    expect(await doctor.finds('state directory')).toMatchObject({ code: 0, verdict: 'ok' });
  });

  it('finds the lock and the port of a daemon that was killed', async () => {
    const doctor = new Doctor();
    const daemon = new QktProcess('daemon', 'start', '--state-dir', doctor.stateDir, '--control-port', '0');
    const pid = await daemon.says(/process (\d+)/);
    await daemon.kill('SIGKILL');
    rmSync(join(doctor.stateDir, 'control.sock'), { force: true });
    expect(await doctor.finds('lock')).toMatchObject({ verdict: 'warn', figure: expect.stringContaining(`process ${pid}, which is gone`) as string }); // prettier-ignore
    expect(await doctor.finds('control.port')).toMatchObject({ verdict: 'warn' });
    expect(await doctor.finds('journal')).toMatchObject({ verdict: 'ok', figure: expect.stringContaining('readable') as string }); // prettier-ignore
  });

  it('finds a journal that was cut short', async () => {
    const doctor = new Doctor();
    await (await daemonOf(doctor)).app.stop();
    truncateSync(join(doctor.stateDir, 'journal', 'data.mdb'), 3 * 4096 + 100);
    expect(await doctor.finds('journal')).toMatchObject({
      code: 4,
      verdict: 'fail',
      figure: expect.stringMatching(/data\.mdb.*cut short/) as string,
      mend: expect.stringContaining('qkt restore') as string,
    });
  });

  it('finds a control port that another program holds, and a pool of which nothing is free', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void holder.close());
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as AddressInfo;
    const doctor = new Doctor();
    doctor.configure(`http: { controlPort: ${port}, portPool: ${port}-${port} }`);
    expect(await doctor.finds('control port')).toMatchObject({ code: 4, verdict: 'fail', figure: `${port} is held by another program` }); // prettier-ignore
    expect(await doctor.finds('port pool')).toMatchObject({
      verdict: 'fail',
      figure: `none of ${port}-${port} is free`,
    });
    doctor.configure('http: { controlPort: 0, bind: 192.0.2.1 }');
    expect(await doctor.finds('bind address')).toMatchObject({ verdict: 'fail' });
    doctor.configure('http: { controlPort: 0, bind: 0.0.0.0 }');
    expect(await doctor.finds('bind address')).toMatchObject({ verdict: 'warn' });
  });

  it('finds a mistake in the configuration with its place, and goes on', async () => {
    const doctor = new Doctor();
    doctor.configure('http:\n  controlPrt: 1');
    const found = await doctor.finds('configuration');
    expect(found).toMatchObject({ code: 4, verdict: 'fail', figure: expect.stringMatching(/yaml:2:3/) as string });
    expect((await doctor.finds('disk space')).verdict).toBe('ok');
  });

  it('finds a shell that allows few open files', () => {
    const doctor = new Doctor();
    const files = (report: Report) => report.findings.find(({ check }) => check === 'open files');
    expect(files(doctor.under(200))).toMatchObject({ verdict: 'fail', mend: 'ulimit -n 65536' });
    expect(files(doctor.under(1000))).toMatchObject({ verdict: 'warn' });
  });

  it('shows a table, the commands below it, and the counts', async () => {
    const doctor = new Doctor();
    sound(doctor);
    chmodSync(doctor.stateDir, 0o750);
    const { stdout } = await qkt(['doctor', '--state-dir', doctor.stateDir]);
    expect(stdout).toMatch(/^CHECK +RESULT +FIGURE$/m);
    expect(stdout).toContain(`fail state directory: chmod 700 ${doctor.stateDir}`);
    expect(stdout).toMatch(/^\d+ fail, \d+ warn, \d+ ok$/m);
  });
});

const canMount = ((): boolean => {
  const at = mkdtempSync(join(tmpdir(), 'qkt-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', at], { stdio: 'ignore' });
    execFileSync('umount', ['-l', at]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
})();

it.skipIf(!canMount)('finds a disk without room for the reserve (skipped where no tmpfs can be mounted)', async () => {
  const disk = temporaryDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  const doctor = new Doctor(join(disk, 'state'));
  sound(doctor);
  expect(await doctor.finds('disk space')).toMatchObject({
    code: 4,
    verdict: 'fail',
    figure: expect.stringMatching(/^4\.\d MB free, reserve of 16 MiB not held/) as string,
  });
});

describe('with a daemon', () => {
  it('asks it: journal, leases, gateways, strategies', async () => {
    const doctor = new Doctor();
    const daemon = await daemonOf(doctor);
    const { ok, findings } = await doctor.look();
    expect([ok, findings.filter(({ verdict }) => verdict === 'fail')]).toEqual([true, []]);
    const checks = findings.map(({ check }) => check);
    expect(checks).toEqual(expect.arrayContaining(['lease eventLoop', 'lease clock', 'lease disk', 'gateway paper']));
    expect(await doctor.finds('daemon')).toMatchObject({ verdict: 'ok', figure: expect.stringContaining(`process ${process.pid}, running`) as string }); // prettier-ignore
    expect(await doctor.finds('control port')).toMatchObject({ figure: 'held by this daemon' });

    daemon.app.faults('paper').loseGateway('the cable is out');
    expect(await doctor.finds('gateway paper')).toMatchObject({ code: 4, verdict: 'fail', figure: expect.stringContaining('the cable is out') as string }); // prettier-ignore
  });

  it('finds strategies that are halted or have crashed', async () => {
    const doctor = new Doctor();
    const daemon = await daemonOf(doctor);
    for (const [name, onTick] of [
      ['good', ''],
      ['bad', 'throw new Error("no");'],
    ] as const)
      // prettier-ignore
      await daemon.deployed(daemon.write(`${name}.ts`, strategySource(name, onTick)), { name });
    await daemon.post('/daemon/strategies/good/halt', { reason: 'a look' });
    daemon.openMarkets();
    await poll('the crash', async () => {
      const { text } = await daemon.get('/daemon/list');
      return text.includes('"crashed"') || undefined;
    });
    expect(await doctor.finds('strategy good')).toMatchObject({
      verdict: 'warn',
      figure: 'halted',
      mend: `qkt resume good --dry-run --state-dir ${doctor.stateDir}`,
    });
    // It is started again in between, and crashes again.
    const failed = async (): Promise<true | undefined> => {
      const { findings } = await doctor.look();
      return findings.some(({ check, verdict }) => check === 'strategy bad' && verdict === 'fail') || undefined;
    };
    await poll('the finding', failed, 20_000);
  });

  it('finds one that runs and does not answer', async () => {
    const doctor = new Doctor();
    const daemon = new QktProcess('daemon', 'start', '--state-dir', doctor.stateDir, '--control-port', '0');
    const pid = await daemon.says(/process (\d+)/);
    daemon.child.kill('SIGSTOP');
    expect(await doctor.finds('daemon')).toMatchObject({
      code: 4,
      verdict: 'fail',
      figure: expect.stringContaining(`process ${pid} does not answer`) as string,
    });
  });
});

describe('the machine', () => {
  it('must have a Node that is new enough', () => {
    expect(['18.20.4', '20.18.9', '20.19.0', '22.0.0'].map((version) => nodeFinding(version).verdict)).toEqual(['fail', 'fail', 'ok', 'ok']); // prettier-ignore
  });

  it('must have a clock that is neither absurd nor jumping', () => {
    const now = Date.UTC(2026, 10, 22);
    const at = (start: number, gained: number) =>
      clockFinding({ wall: [start, start + 300 + gained], steady: [0, 300] });
    expect(at(now, 1)).toMatchObject({ verdict: 'ok' });
    expect(at(now, 5_000)).toMatchObject({ verdict: 'warn', figure: expect.stringContaining('moved by 5000.0 ms') as string }); // prettier-ignore
    expect(at(0, 0)).toMatchObject({ verdict: 'fail', figure: 'it is the year 1970' });
  });

  it('must know the time zones of the sessions', () => {
    expect(zonesFinding(['UTC', 'America/New_York']).verdict).toBe('ok');
    expect(zonesFinding(['UTC', 'Moon/Tycho'])).toMatchObject({ verdict: 'fail', figure: 'there is no data on Moon/Tycho' }); // prettier-ignore
  });

  it('may not say how many files can be open', () => {
    expect(filesFinding('').verdict).toBe('ok');
    expect(filesFinding('Max open files            unlimited            unlimited            files').verdict).toBe(
      'ok',
    );
  });
});

describe('notifications', () => {
  const HOOK = 'http: { controlPort: 0 }\nalerts: { channels: { hook: { type: webhook, url: "http://127.0.0.1:9" } }';

  it('are none without a channel, and reach nobody without a route', async () => {
    const doctor = new Doctor();
    expect(await doctor.finds('notifications')).toMatchObject({
      verdict: 'warn',
      figure: expect.stringMatching(/log alone/),
      mend: expect.stringMatching(/^qkt daemon stop .* # once alerts\.channels and alerts\.routes name one/),
    });
    doctor.configure(`${HOOK} }`);
    expect(await doctor.finds('notifications')).toMatchObject({
      verdict: 'warn',
      figure: 'P1 alerts have no route: they are in the log alone',
    });
    doctor.configure(`${HOOK}, routes: { P1: [hook], P2: [hook] } }`);
    expect(await doctor.finds('notifications')).toMatchObject({ verdict: 'ok' });
  });
});
