/** `qkt doctor`: the daemon of the state directory, as it answers itself. */
import { existsSync } from 'node:fs';
import type { ChainCheck } from '../domain/ports.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { DaemonHealthView } from '../domain/health-views.ts';
import type { StrategyRow } from '../domain/status-views.ts';
import type { StateInspection } from '../maintenance.ts';
import { chainText } from './chain-text.ts';
import type { Answer, DaemonClient } from './client.ts';
import { fail, megabytes, warn, well, word, type Ailment } from './doctor-findings.ts';
import { readPort } from './endpoint.ts';
import { parseExact, type Exact } from './exact-json.ts';
import { duration } from './words.ts';

const UNIT = '/etc/systemd/system/qkt.service';

/** Lock, port file, journal, and what the daemon says of itself, its gateways and its strategies. */
export async function daemonFindings(
  client: DaemonClient,
  inspection: StateInspection,
  version: string,
): Promise<readonly Ailment[]> {
  const answer = await client.ask('/daemon/health').catch((error: unknown) => error as Error);
  const answers = !(answer instanceof Error);
  return [
    lockFinding(inspection),
    portFileFinding(client.stateDir, answers),
    answers ? await chainFinding(client) : journalFinding(client.stateDir, inspection),
    ...(answers ? await whatItSays(client, answer, version) : [silence(answer, inspection)]),
    unitFinding(),
  ];
}

function lockFinding({ holder }: StateInspection): Ailment {
  if (holder === undefined) return well('lock', 'nobody holds it');
  if (holder.runs) return well('lock', `held by process ${holder.pid}`);
  return warn('lock', `left by process ${holder.pid}, which is gone; the next start takes it over`, 'qkt daemon start --detach'); // prettier-ignore
}

function portFileFinding(stateDir: string, answers: boolean): Ailment {
  const port = readPort(stateDir);
  if (port === undefined) return well('control.port', answers ? 'none: reached through the socket' : 'none');
  if (answers) return well('control.port', String(port));
  return warn('control.port', `names port ${port}, where no daemon of this directory answers`, 'qkt daemon start --detach'); // prettier-ignore
}

function journalFinding(stateDir: string, { journalBytes, journalProblem: problem, holder }: StateInspection): Ailment {
  if (journalBytes === undefined) return well('journal', 'none yet: the first start makes it');
  if (holder?.runs === true) return warn('journal', `${megabytes(journalBytes)}, not read: a process writes it`);
  if (problem === undefined) return well('journal', `${megabytes(journalBytes)}, readable`);
  const journal = word(`${stateDir}/journal`);
  return fail('journal', problem.message, `mv ${journal} ${journal}.damaged && qkt restore <backup>`);
}

async function chainFinding(client: DaemonClient): Promise<Ailment> {
  const answer = await client.ask('/daemon/journal/verify');
  if (answer.status !== 200) return fail('journal', `/daemon/journal/verify answers ${answer.status}`, 'qkt journal verify'); // prettier-ignore
  const chain = parseExact<ChainCheck>(answer.text);
  return chain.ok ? well('journal', chainText(chain)) : fail('journal', chainText(chain), 'qkt journal verify');
}

/** A process that holds the lock and does not answer hangs. */
function silence(error: Error, { holder }: StateInspection): Ailment {
  if (holder?.runs === true)
    return fail('daemon', `process ${holder.pid} does not answer: ${error.message}`, `kill ${holder.pid}`);
  return warn('daemon', 'none runs on this state directory', 'qkt daemon start --detach');
}

async function whatItSays(client: DaemonClient, { text }: Answer, version: string): Promise<readonly Ailment[]> {
  const health = parseExact<DaemonHealthView>(text);
  const gateways: readonly Exact<GatewayView>[] = parseExact<GatewayView[]>(
    (await client.get('/daemon/gateways')).text,
  );
  const rows: readonly Exact<StrategyRow>[] = parseExact<StrategyRow[]>((await client.get('/daemon/list')).text);
  return [stateOf(health, version), ...leasesOf(health), ...gateways.map(gatewayOf), ...strategiesOf(rows)];
}

function stateOf({ status, uptimeMs, pid, version: runs }: Exact<DaemonHealthView>, version: string): Ailment {
  const figure = `process ${pid}, ${status} for ${duration(Number(uptimeMs))}, version ${runs}`;
  if (status !== 'running') return fail('daemon', figure, 'qkt daemon status');
  if (runs === version) return well('daemon', figure);
  return warn('daemon', `${figure}; this is ${version}`, 'qkt daemon stop && qkt daemon start --detach');
}

function leasesOf({ leases }: Exact<DaemonHealthView>): readonly Ailment[] {
  return leases.map(({ name, ok, ageMs, limitMs, reason }) => {
    const figure = reason ?? `${ageMs} of ${limitMs} ms`;
    return ok ? well(`lease ${name}`, figure) : fail(`lease ${name}`, figure, 'qkt status --deep');
  });
}

function gatewayOf({ name, state, cause, failingLink, inMaintenance, differences }: Exact<GatewayView>): Ailment {
  const check = `gateway ${name}`;
  const figure = [state, failingLink, cause].filter((part) => part !== null).join(': ');
  // Strategies of other venues run all the same.
  if (failingLink === 'configuration') return warn(check, figure, 'qkt config check');
  const mend = 'qkt gateways';
  if (state !== 'ready') return state === 'degraded' || inMaintenance ? warn(check, figure, mend) : fail(check, figure, mend); // prettier-ignore
  const open = differences.length;
  return open === 0 ? well(check, state) : warn(check, `${state}, book and venue differ in ${open}`, mend);
}

/** Those that are not as they should be, and a line for all others together. */
function strategiesOf(rows: readonly Exact<StrategyRow>[]): readonly Ailment[] {
  const ill = rows.flatMap(({ name, state, halted, health }): readonly Ailment[] => {
    const check = `strategy ${name}`;
    if (state === 'failed') return [fail(check, 'failed: no restart is left', `qkt logs ${name} && qkt start ${name}`)];
    if (state === 'stopped') return [];
    if (health !== 'ok') return [fail(check, `${state}, ${health}`, `qkt status ${name} --deep`)];
    return halted ? [warn(check, 'halted', `qkt resume ${name} --dry-run`)] : [];
  });
  return [...ill, well('strategies', `${rows.length - ill.length} of ${rows.length} without a finding`)];
}

function unitFinding(): Ailment {
  const check = 'started again by';
  if (!existsSync('/run/systemd/system')) return well(check, 'no systemd here; qkt watchdog tells when it is away');
  if (existsSync(UNIT)) return well(check, UNIT);
  return warn(check, 'nothing: there is no unit', `qkt monitoring systemd-unit | sudo tee ${UNIT}`);
}
