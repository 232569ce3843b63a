/** `qkt alerts [name]`: what fires, with its command; history, silences, channels, and the test of a channel. */
import type { Command } from 'commander';
import type { AlertChange, AlertView, SilenceView } from '../../domain/alerts.ts';
import type { ChannelTest, ChannelView } from '../../domain/channels.ts';
import { clientOf } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { DONE, REFUSED } from '../exit.ts';
import { wholeNumber, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, paint, print, printable, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';
import { ago, duration } from '../words.ts';

interface HistoryOptions extends CommonOptions {
  readonly limit?: number;
}

/** As long as the daemon gives a channel, and a little more. */
const TEST_PATIENCE_MS = 30_000;

const ALERTS: readonly Column<Exact<AlertView>>[] = [
  { title: 'SEVERITY', cell: ({ severity }) => severity },
  { title: 'STATE', cell: stateOf },
  { title: 'ALERT', cell: ({ id }) => id, narrow: 'cut' },
  { title: 'TARGET', cell: ({ target }) => target, narrow: 'cut' },
  { title: 'SINCE', cell: sinceOf, spare: 4 },
  { title: 'LASTED', cell: lastedOf, right: true, spare: 3 },
  { title: 'MEASURED', cell: measuredOf, right: true, spare: 2 },
  { title: 'LIMIT', cell: ({ limit }) => String(limit ?? '-'), right: true, spare: 1 },
];
const CHANGES: readonly Column<Exact<AlertChange>>[] = [
  { title: 'TIME', cell: ({ ts }) => ts, narrow: 'wrap' },
  { title: 'SEVERITY', cell: ({ severity }) => severity },
  { title: 'ALERT', cell: ({ key }) => key, narrow: 'wrap' },
  { title: 'CHANGE', cell: ({ from, to }) => `${from} → ${to}`, narrow: 'wrap' },
  { title: 'WHAT', cell: ({ summary }) => summary, narrow: 'wrap' },
];
const SILENCES: readonly Column<Exact<SilenceView>>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'ALERT', cell: ({ alert }) => alert ?? 'all', narrow: 'wrap' },
  { title: 'STRATEGY', cell: ({ strategy }) => strategy ?? 'all', narrow: 'wrap' },
  { title: 'SEVERITY', cell: ({ severity, p1 }) => severity ?? (p1 ? 'P1 to P3' : 'P2, P3') },
  { title: 'ENDS', cell: ({ endsAt }) => endsAt, narrow: 'wrap' },
  { title: 'BY', cell: ({ by }) => by, narrow: 'wrap' },
  { title: 'REASON', cell: ({ reason }) => reason, narrow: 'wrap' },
];
const CHANNELS: readonly Column<Exact<ChannelView>>[] = [
  { title: 'CHANNEL', cell: ({ name }) => name, narrow: 'wrap' },
  { title: 'TYPE', cell: ({ type }) => type, spare: 1 },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'DELIVERED', cell: ({ delivered }) => delivered, right: true, spare: 2 },
  { title: 'FAILED', cell: ({ failed }) => failed, right: true },
  { title: 'DROPPED', cell: ({ dropped }) => dropped, right: true, spare: 3 },
  { title: 'LAST PROVEN', cell: ({ lastProven }) => (lastProven === null ? 'never' : ago(lastProven, Date.now())) },
  { title: 'LAST ERROR', cell: ({ lastError }) => lastError ?? '-', narrow: 'wrap' },
];

export function define(command: Command): void {
  // What stands after a verb of its own belongs to that.
  withCommonOptions(command.enablePositionalOptions())
    .argument('[name]', 'a strategy (default: everything)')
    .action(alerts);
  withCommonOptions(command.command('history').description('the last changes, newest first'))
    .option('-n, --limit <count>', 'how many (default: 100)', wholeNumber(1, 500))
    .action((options: HistoryOptions) =>
      table('/daemon/alerts/history', CHANGES, 'Nothing has fired yet.', options, { limit: options.limit }),
    );
  withCommonOptions(command.command('silences').description('the silences in force')).action((options: CommonOptions) =>
    table('/daemon/silences', SILENCES, 'No silence is in force.', options),
  );
  withCommonOptions(command.command('channels').description('where alerts go, and whether that works')).action(
    (options: CommonOptions) =>
      table('/daemon/channels', CHANNELS, 'No channel is configured: alerts are in the log alone.', options),
  );
  withCommonOptions(command.command('test').description('send a test message; exit 1 when it does not arrive'))
    .argument('<channel>', 'a name of qkt alerts channels')
    .action(test);
}

async function alerts(name: string | undefined, options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get('/daemon/alerts', { strategy: name });
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const rows: readonly Exact<AlertView>[] = parseExact<AlertView[]>(text);
  await printTable(ALERTS, rows);
  for (const alert of rows) if (alert.state === 'firing') for (const line of linesOf(alert)) print(line);
  if (rows.length === 0) note('No alert is pending or firing.');
}

/** Where a rule has no threshold a figure says nothing that the sentence does not. */
function measuredOf({ measured, limit }: Exact<AlertView>): string {
  return limit === null ? '-' : String(measured ?? 'unknown');
}

/** One that is over is as old as its end. */
function sinceOf({ state, since, resolvedAt }: Exact<AlertView>): string {
  return state === 'resolved' && resolvedAt !== null ? `ended ${ago(resolvedAt, Date.now())}` : ago(since, Date.now());
}

function lastedOf({ state, since, resolvedAt }: Exact<AlertView>): string {
  if (state !== 'resolved' || resolvedAt === null) return '-';
  return duration(Math.max(0, Date.parse(resolvedAt) - Date.parse(since)));
}

function stateOf({ state, acknowledged, silencedBy, inhibitedBy }: Exact<AlertView>): string {
  if (state !== 'firing') return state;
  if (inhibitedBy !== null) return 'inhibited';
  return silencedBy !== null ? 'silenced' : acknowledged !== null ? 'acknowledged' : 'firing';
}

function linesOf({ severity, key, summary, command, runbook }: Exact<AlertView>): readonly string[] {
  const colour = severity === 'P1' ? 'red' : 'yellow';
  return [
    `${paint(colour, `${severity} ${printable(key)}`)}: ${printable(summary)}`,
    `  ${printable(command)}   ${printable(runbook)}`,
  ];
}

async function table<Row>(
  path: string,
  columns: readonly Column<Row>[],
  empty: string,
  options: CommonOptions,
  query: Readonly<Record<string, number | undefined>> = {},
): Promise<void> {
  const { text } = await clientOf(options).get(path, query);
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const rows = parseExact<Row[]>(text) as unknown as readonly Row[];
  await printTable(columns, rows);
  if (rows.length === 0) note(empty);
}

async function test(channel: string, options: CommonOptions): Promise<void> {
  const request = { body: { channel }, timeoutMs: TEST_PATIENCE_MS };
  const { text } = await clientOf(options).command('POST', '/daemon/alerts/test', request);
  const result = parseExact<ChannelTest>(text);
  process.exitCode = result.delivered ? DONE : REFUSED;
  if (options.json === true) printExactly(text);
  else if (result.delivered) print(`${channel} works: it took the message in ${result.tookMs} ms.`);
  else print(`${channel} does not work: ${printable(result.error ?? 'it failed')}`);
}
