/** `qkt silence [alert]`: keeps alerts from being told, for a while. P1 alerts only where `--p1` says so. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { SEVERITIES, type Severity, type SilenceView } from '../../domain/alerts.ts';
import { parseDuration } from '../../domain/time.ts';
import { QktError } from '../../errors.ts';
import { clientOf } from '../client.ts';
import { parseExact } from '../exact-json.ts';
import { DaemonRefusal } from '../exit.ts';
import { oneOf, withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';

interface SilenceOptions extends CommonOptions {
  readonly strategy?: string;
  readonly severity?: Severity;
  readonly for: number;
  readonly reason: string;
  readonly all?: boolean;
  readonly p1?: boolean;
}

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[alert]', 'a rule such as no_trades (default: every rule)')
    .requiredOption('--for <duration>', 'until when, from now: 30m, 8h, 2d', span)
    .requiredOption('--reason <text>', 'why: kept in the journal')
    .option('--strategy <name>', 'of this strategy alone')
    .option('--severity <severity>', 'P1, P2 or P3 alone', oneOf(...SEVERITIES))
    .option('--p1', 'P1 alerts as well: without it none of them is silenced')
    .option('--all', 'everything, where neither alert, strategy nor severity is given')
    .action(silence);
}

function span(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1000) throw new InvalidArgumentError('It must be a duration such as 30m, 8h or 2d.');
  return ms;
}

async function silence(alert: string | undefined, options: SilenceOptions): Promise<void> {
  const { strategy, severity, for: forMs, reason, p1, all } = options;
  const match = {
    ...(alert !== undefined && { alert }),
    ...(strategy !== undefined && { strategy }),
    ...(severity !== undefined && { severity }),
  };
  // What was forgotten must not silence everything.
  if (Object.keys(match).length === 0 && all !== true)
    throw new QktError('QKT_E_USAGE', 'give an alert, a --strategy or a --severity, or --all');
  const body = { ...match, forMs, reason, ...(p1 === true && { p1 }) };
  const { text } = await clientOf(options).command('POST', '/daemon/silences', { body }).catch(asFlags);
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const { id, endsAt } = parseExact<SilenceView>(text);
  print(
    `${printable(subjectOf(alert, options))} is silent until ${endsAt}${noteOf(options)}. End it: qkt unsilence ${id}`,
  );
}

/** `every P3 rule of gold`, `no_trades` */
function subjectOf(alert: string | undefined, { strategy, severity }: SilenceOptions): string {
  const every = severity === undefined ? 'every rule' : `every ${severity} rule`;
  const what = alert === undefined ? every : severity === undefined ? alert : `${alert} as ${severity}`;
  return strategy === undefined ? what : `${what} of ${strategy}`;
}

/** What becomes of P1 alerts, where the silence is not about another severity. */
function noteOf({ severity, p1 }: SilenceOptions): string {
  if (severity !== undefined && severity !== 'P1') return '';
  return p1 === true ? ' (P1 alerts too)' : ' (P1 alerts are told all the same)';
}

/** The daemon names the member of the request; here that is a flag. */
function asFlags(error: unknown): never {
  if (error instanceof DaemonRefusal && error.problem['field'] === 'p1')
    throw new QktError('QKT_E_USAGE', 'this silences P1 alerts: say so with --p1', {
      members: { hint: 'Without it no P1 alert is kept quiet; qkt ack ends the repeats of one that is seen to.' },
    });
  throw error;
}
