/** `qkt resume <name>`: lifts a halt with a reason, or tells what that would come to; `--all` lifts the book's. */
import type { Command } from 'commander';
import type { Rebase, ResumePreview, ResumeResult } from '../../domain/ports.ts';
import type { StatusView } from '../../domain/status-views.ts';
import { QktError } from '../../errors.ts';
import { clientOf, strategyPath, type DaemonClient } from '../client.ts';
import { confirm } from '../confirm.ts';
import { memberText, parseExact, type Exact } from '../exact-json.ts';
import { DaemonRefusal, REFUSED } from '../exit.ts';
import { describeExposure, describeFleet } from '../exposure.ts';
import { notHalted, previewLines, resumedLines } from '../halt-words.ts';
import { nameOrAll } from '../name-or-all.ts';
import { outcomeOf } from '../operation.ts';
import { oneOf, withCommonOptions, type CommonOptions } from '../options.ts';
import { note, print, printExactly } from '../output.ts';
import { progressWhile } from '../progress.ts';

interface ResumeOptions extends CommonOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly rebase: Rebase;
  readonly all?: boolean;
  readonly yes?: boolean;
}

const PATIENCE_MS = 60_000;
/** What `--all` is about, in words. */
const BOOK = 'the book';

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('[name]', 'a halted strategy')
    .option('--reason <text>', 'why it may trade again: kept in the journal')
    .option('--dry-run', 'tell what it would come to, and do nothing; exit 1 when it would not resume')
    .option('--rebase <reference>', 'take a reference anew: none, peak or day', oneOf('none', 'peak', 'day'), 'none')
    .option('--all', "lift the halts of the book; a strategy's own stay")
    .option('-y, --yes', 'do not ask')
    .action(resume);
}

async function resume(given: string | undefined, options: ResumeOptions): Promise<void> {
  const name = nameOrAll(given, options.all);
  // A name that was forgotten may halt all; it does not resume all.
  if (name === undefined && options.all !== true)
    throw new QktError('QKT_E_USAGE', 'give the name of a strategy, or --all');
  const client = clientOf(options);
  if (options.dryRun === true) await dryRun(client, name, options);
  else if (options.reason === undefined) throw new QktError('QKT_E_USAGE', 'a resume needs a --reason');
  else await lift(client, name, options.reason, options);
}

async function dryRun(client: DaemonClient, name: string | undefined, options: ResumeOptions): Promise<void> {
  const text = await previewText(client, name, options.rebase);
  const preview = parseExact<ResumePreview>(text);
  if (!preview.wouldResume) process.exitCode = REFUSED;
  if (options.json === true) printExactly(text);
  else for (const line of previewLines(name ?? BOOK, preview, await obstacle(client, name, preview))) print(line);
}

/** What stands in the way of a resume beside the rules and halts that the preview names. */
async function obstacle(
  client: DaemonClient,
  name: string | undefined,
  { wouldResume, wouldTrip, remains }: Exact<ResumePreview>,
): Promise<string | undefined> {
  if (wouldResume) return undefined;
  if (name !== undefined)
    return notHalted(parseExact<StatusView>((await client.get(strategyPath(name, 'status'))).text));
  return wouldTrip.length + remains.length > 0 ? undefined : 'no halt of the book is in force that can be lifted now';
}

const pathOf = (name: string | undefined): string =>
  name === undefined ? '/daemon/resume' : strategyPath(name, 'resume');

async function previewText(client: DaemonClient, name: string | undefined, rebase: Rebase): Promise<string> {
  const { text } = await client.command('POST', pathOf(name), {
    query: { dryRun: true },
    body: { rebase },
  });
  return text;
}

async function lift(
  client: DaemonClient,
  name: string | undefined,
  reason: string,
  { rebase, json, yes }: ResumeOptions,
): Promise<void> {
  const agreed = await confirm(yes === true, () => describe(client, name, rebase));
  if (!agreed) return;
  const outcome = outcomeOf(client, pathOf(name), { body: { reason, rebase }, deadlineMs: PATIENCE_MS });
  try {
    const { text } = await progressWhile(`resuming ${name ?? 'all'}`, outcome);
    if (json === true) printExactly(text);
    else for (const line of inWords(name, text)) print(line);
  } catch (error) {
    if (json !== true) notePreview(error, name ?? BOOK);
    throw error;
  }
}

async function describe(client: DaemonClient, name: string | undefined, rebase: Rebase): Promise<readonly string[]> {
  const preview = parseExact<ResumePreview>(await previewText(client, name, rebase));
  const why = await obstacle(client, name, preview);
  if (name === undefined) {
    const what = 'This lifts the halts of the book: strategies without a halt of their own trade again.';
    return [what, ...(await describeFleet(client)), ...previewLines(BOOK, preview, why)];
  }
  const words = previewLines(name, preview, why);
  return [`This lets ${name} trade again.`, ...(await describeExposure(client, name)), ...words];
}

/** Why it was refused, in figures. */
function notePreview(error: unknown, name: string): void {
  if (!(error instanceof DaemonRefusal) || error.problem['preview'] === undefined) return;
  const preview = parseExact<ResumePreview>(memberText(error.text, 'preview'));
  for (const line of previewLines(name, preview, undefined)) note(line);
}

function inWords(name: string | undefined, text: string): readonly string[] {
  if (name !== undefined) return resumedLines(name, parseExact<ResumeResult>(text));
  const { strategies } = parseExact<{ strategies: Record<string, ResumeResult> }>(text);
  return Object.entries(strategies).flatMap(([each, result]) => resumedLines(each, result));
}
