/** `qkt status --deep`: gathers what the daemon knows of itself and its strategies, and judges it. */
import type { ChainCheck } from '../domain/ports.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import type { DaemonHealthView, HealthView } from '../domain/health-views.ts';
import type { StatusView, StrategyRow } from '../domain/status-views.ts';
import { toJson } from '../domain/json.ts';
import { clientOf, refusalOf, strategyPath, type DaemonClient } from './client.ts';
import { leaseFindings, strategyFindings, type Check, type Finding, type Verdict } from './deep-checks.ts';
import { parseExact, type Exact } from './exact-json.ts';
import { DONE, UNHEALTHY } from './exit.ts';
import type { CommonOptions } from './options.ts';
import { paint, print } from './output.ts';
import { printTable, type Column } from './table.ts';
import { duration } from './words.ts';
import { chainText } from './chain-text.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

const COLUMNS: readonly Column<Check>[] = [
  { title: 'OF', cell: ({ subject }) => subject },
  { title: 'CHECK', cell: ({ check }) => check },
  { title: 'RESULT', cell: ({ verdict }) => verdict },
  { title: 'FIGURE', cell: ({ figure }) => figure, narrow: 'wrap' },
];

/** Prints all checks; exit 4 when one fails. @param name of one strategy; else all of them */
export async function showDeepStatus(name: string | undefined, options: CommonOptions): Promise<void> {
  const client = clientOf(options);
  const names = name === undefined ? await deployed(client) : [name];
  const gateways = parseExact<GatewayView[]>((await client.get('/daemon/gateways')).text);
  const checks: Check[] = [];
  for (const each of names) checks.push(...of(each, await strategyChecks(client, each, gateways)));
  checks.push(...of('daemon', await daemonChecks(client)));
  const ok = checks.every(({ verdict }) => verdict !== 'fail');
  process.exitCode = ok ? DONE : UNHEALTHY;
  if (options.json === true) print(toJson({ ok, checks }));
  else await show(checks);
}

const of = (subject: string, findings: readonly Finding[]): readonly Check[] =>
  findings.map((finding) => ({ subject, ...finding }));

async function show(checks: readonly Check[]): Promise<void> {
  await printTable(COLUMNS, checks);
  const count = (verdict: Verdict): string => {
    const found = checks.filter((check) => check.verdict === verdict).length;
    return found === 0 ? `0 ${verdict}` : paint(COLOURS[verdict], `${found} ${verdict}`);
  };
  print(`${count('fail')}, ${count('warn')}, ${count('ok')}`);
}

async function deployed(client: DaemonClient): Promise<readonly string[]> {
  return parseExact<StrategyRow[]>((await client.get('/daemon/list')).text).map(({ name }) => name);
}

async function strategyChecks(
  client: DaemonClient,
  name: string,
  gateways: readonly Exact<GatewayView>[],
): Promise<readonly Finding[]> {
  const status = parseExact<StatusView>((await client.get(strategyPath(name, 'status'))).text);
  const health = await client.ask(strategyPath(name, 'health'));
  if (health.status !== 200 && health.status !== 503) throw refusalOf(health);
  const gateway = gateways.find((one) => one.name === status.gateway.name);
  const { leases } = parseExact<HealthView>(health.text);
  return strategyFindings(status, leases, gateway?.cause ?? gateway?.failingLink ?? null, Date.now());
}

async function daemonChecks(client: DaemonClient): Promise<readonly Finding[]> {
  const { status, uptimeMs, leases } = parseExact<DaemonHealthView>((await client.ask('/daemon/health')).text);
  const verdict = status === 'running' ? 'ok' : 'fail';
  const state: Finding = { check: 'state', verdict, figure: `${status} for ${duration(Number(uptimeMs))}` };
  return [state, ...leaseFindings(leases), await journalFinding(client)];
}

async function journalFinding(client: DaemonClient): Promise<Finding> {
  const answer = await client.ask('/daemon/journal/verify');
  if (answer.status !== 200) return { check: 'journal', verdict: 'fail', figure: refusalOf(answer).message };
  const chain = parseExact<ChainCheck>(answer.text);
  return { check: 'journal', verdict: chain.ok ? 'ok' : 'fail', figure: chainText(chain) };
}
