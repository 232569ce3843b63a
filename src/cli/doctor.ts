/** `qkt doctor`: looks at everything that a daemon needs, whether one runs or not, and says what mends it. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/types.ts';
import { toJson } from '../domain/json.ts';
import { asQktError } from '../errors.ts';
import type { StateInspection } from '../maintenance.ts';
import { DaemonClient } from './client.ts';
import { daemonFindings } from './doctor-daemon.ts';
import { fileFindings } from './doctor-files.ts';
import { addressed, fail, warn, well, word, type Ailment } from './doctor-findings.ts';
import { gatewayFindings } from './doctor-gateways.ts';
import { clockFinding, filesFinding, nodeFinding, readClocks, zonesFinding } from './doctor-machine.ts';
import { notificationFindings } from './doctor-notifications.ts';
import { portFindings } from './doctor-ports.ts';
import { DONE, UNHEALTHY } from './exit.ts';
import { stateDirOf, type CommonOptions } from './options.ts';
import { paint, print, printable } from './output.ts';
import { printTable, type Column } from './table.ts';

export interface DoctorOptions extends CommonOptions {
  readonly config?: string;
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

const COLUMNS: readonly Column<Ailment>[] = [
  { title: 'CHECK', cell: ({ check }) => check },
  { title: 'RESULT', cell: ({ verdict }) => verdict },
  { title: 'FIGURE', cell: ({ figure }) => figure, narrow: 'wrap' },
];

/** Prints all findings; exit 4 when one is a fail. */
export async function showDoctor(options: DoctorOptions): Promise<void> {
  const findings = (await examine(options)).map((finding) =>
    finding.mend === undefined ? finding : { ...finding, mend: addressed(finding.mend, options.stateDir) },
  );
  const ok = findings.every(({ verdict }) => verdict !== 'fail');
  process.exitCode = ok ? DONE : UNHEALTHY;
  if (options.json === true) print(toJson({ ok, findings }));
  else await show(findings);
}

async function show(findings: readonly Ailment[]): Promise<void> {
  await printTable(COLUMNS, findings);
  for (const verdict of ['fail', 'warn'] as const)
    for (const { check, mend } of findings.filter((finding) => finding.verdict === verdict))
      if (mend !== undefined) print(`${paint(COLOURS[verdict], verdict)} ${printable(check)}: ${printable(mend)}`);
  const count = (verdict: Ailment['verdict']): string =>
    `${findings.filter((finding) => finding.verdict === verdict).length} ${verdict}`;
  print(`${count('fail')}, ${count('warn')}, ${count('ok')}`);
}

async function examine(options: DoctorOptions): Promise<readonly Ailment[]> {
  const stateDir = stateDirOf(options);
  const { inspectState } = await import('../maintenance.ts');
  const configuration = await loaded(options);
  const inspection = look(() => inspectState(stateDir));
  const { config } = configuration;
  const zones = config === undefined ? [] : [...config.sessions.values()].map(({ zone }) => zone);
  return [
    nodeFinding(process.versions.node),
    clockFinding(await readClocks()),
    zonesFinding([...new Set(['UTC', ...zones])]),
    filesFinding(),
    ...configuration.findings,
    ...fileFindings(stateDir, (config?.logging.totalMB ?? 0) * 1_000_000),
    ...(config === undefined ? [] : await portFindings(config.http, isHeld(inspection))),
    ...(config === undefined ? [] : await gatewayFindings(config.venues.values())),
    ...(inspection instanceof Error
      ? [fail('daemon', `cannot be looked for: ${inspection.message}`)]
      : await daemonFindings(new DaemonClient(stateDir), inspection, packageVersion())),
    ...(config === undefined ? [] : await notificationFindings(config.alerts, new DaemonClient(stateDir))),
  ];
}

/** What cannot be read is a finding like any other. */
function look(inspect: () => StateInspection): StateInspection | Error {
  try {
    return inspect();
  } catch (error) {
    return asQktError(error);
  }
}

const isHeld = (inspection: StateInspection | Error): boolean =>
  !(inspection instanceof Error) && inspection.holder?.runs === true;

/** The configuration that a daemon started here would use. */
async function loaded({ config: file }: DoctorOptions): Promise<{
  readonly config?: Config;
  readonly findings: readonly Ailment[];
}> {
  const { loadConfig } = await import('../config/load.ts');
  const named = file === undefined ? {} : { file };
  const mend = `qkt config check${file === undefined ? '' : ` --config ${word(file)}`}`;
  try {
    const { config, warnings, file: found } = await loadConfig({ ...named, env: process.env, cwd: process.cwd() });
    const valid = well('configuration', found === undefined ? 'no file: the defaults' : `${found} is valid`);
    return { config, findings: [valid, ...warnings.map((text) => warn('configuration', text, mend))] };
  } catch (error) {
    return { findings: [fail('configuration', asQktError(error).located, mend)] };
  }
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
