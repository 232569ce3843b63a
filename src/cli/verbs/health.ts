/** `qkt health [name]`: the leases; exit 4 when it is not healthy. */
import type { Command } from 'commander';
import type { LastRunView } from '../../domain/last-run.ts';
import type { LeaseView } from '../../domain/health-views.ts';
import { clientOf, refusalOf, strategyPath, type Answer } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { DONE, UNHEALTHY } from '../exit.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { paint, print, printable, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';
import { duration, fineDuration } from '../words.ts';

interface Health {
  readonly ok: boolean;
  readonly status: string;
  readonly uptimeMs: number;
  readonly leases: readonly LeaseView[];
  readonly broken?: readonly string[];
  readonly lastRun?: LastRunView;
}

const LEASES: readonly Column<Exact<LeaseView>>[] = [
  { title: 'LEASE', cell: ({ name }) => name },
  { title: 'OK', cell: ({ ok, inSession }) => (inSession === false ? 'suspended' : ok ? 'ok' : 'broken') },
  { title: 'AGE', cell: ({ ageMs }) => fineDuration(Number(ageMs)), right: true },
  { title: 'LIMIT', cell: ({ limitMs }) => fineDuration(Number(limitMs)), right: true },
  { title: 'REASON', cell: ({ reason }) => reason ?? '-', narrow: 'wrap' },
];

const ENDS: Readonly<Record<string, string>> = {
  stopped: 'was stopped',
  crashed: 'crashed',
  killed: 'was ended at once, by a signal or with the machine',
};

export function define(command: Command): void {
  withCommonOptions(command).argument('[name]', 'a strategy (default: the daemon itself)').action(health);
}

async function health(name: string | undefined, options: CommonOptions): Promise<void> {
  const path = name === undefined ? '/daemon/health' : strategyPath(name, 'health');
  await showHealth(await clientOf(options).ask(path), name ?? 'daemon', options);
}

/** Shows an answer of a `/health` route and sets the exit code. @throws DaemonRefusal when it is another answer. */
export async function showHealth(answer: Answer, who: string, options: CommonOptions): Promise<void> {
  const view = isHealth(answer) ? parseExact<Health>(answer.text) : undefined;
  if (view === undefined) throw refusalOf(answer);
  process.exitCode = view.ok ? DONE : UNHEALTHY;
  if (options.json === true) {
    printExactly(answer.text);
    return;
  }
  const word = view.ok ? paint('green', 'healthy') : paint('red', 'not healthy');
  const broken = view.broken === undefined ? '' : `, broken: ${view.broken.map(printable).join(', ')}`;
  const up = view.uptimeMs === '0' ? '' : `, up ${duration(Number(view.uptimeMs))}`;
  print(`${who} is ${word}: ${printable(view.status)}${up}${broken}`);
  if (view.lastRun !== undefined) print(lastRunWords(view.lastRun));
  if (view.leases.length > 0) await printTable(LEASES, view.leases);
}

function lastRunWords({ ended, endedAt, startedAt, pid, detail }: Exact<LastRunView>): string {
  const when = endedAt === null ? `process ${pid}, started ${startedAt}` : `at ${endedAt}`;
  return `the run before ${ENDS[ended]} (${when})${detail === undefined ? '' : `: ${printable(detail)}`}`;
}

/** A 503 is an answer of `/health` as well; it is a problem document when the daemon could not even ask. */
function isHealth({ status, text }: Answer): boolean {
  return (status === 200 || status === 503) && /^\s*\{\s*"ok"/.test(text);
}
