/** `qkt why <name>`: what the last evaluations came to, which gate stopped them, and what an entry would come to now. */
import type { Command } from 'commander';
import type { EntryOutlook, ExampleView, OutcomeView, WhyView } from '../../domain/why.ts';
import { clientOf, strategyPath } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';
import { ago, plural } from '../words.ts';

const NOW: readonly Column<Exact<EntryOutlook>>[] = [
  { title: 'AN ENTRY NOW', cell: ({ side, symbol }) => `${side} ${symbol}` },
  { title: 'WOULD', cell: ({ passes, code }) => (passes ? 'pass the gate' : `be denied ${code}`) },
  { title: 'BECAUSE', cell: ({ reason }) => reason ?? '', narrow: 'wrap' },
];

function outcomes(asOf: string): readonly Column<Exact<OutcomeView>>[] {
  return [
    { title: 'OUTCOME', cell: ({ outcome }) => OUTCOME_WORDS[outcome] ?? outcome },
    { title: 'COUNT', cell: ({ count }) => count, right: true },
    { title: 'LAST', cell: ({ last }) => (last === null ? '' : ago(last.ts, Date.parse(asOf))) },
    { title: 'ON', cell: ({ last }) => last?.on ?? '' },
    { title: 'ASKED FOR', cell: ({ last }) => (last === null ? '' : askedFor(last)), narrow: 'wrap' },
    { title: 'STOPPED BECAUSE', cell: ({ last }) => last?.reason ?? '', narrow: 'wrap' },
  ];
}
const OUTCOME_WORDS: Readonly<Record<string, string>> = { noSignal: 'no signal', order: 'order sent' };

export function define(command: Command): void {
  withCommonOptions(command).argument('<name>', 'a strategy').action(why);
}

async function why(name: string, options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get(strategyPath(name, 'why'));
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const { strategy, state, asOf, now, evaluations, outcomes: rows, rejected } = parseExact<WhyView>(text);
  const { total, noSignal, signals, orders } = evaluations;
  print(`${printable(strategy)} is ${state}.`);
  if (now.length > 0) await printTable(NOW, now);
  const blocked = Number(signals) - Number(orders);
  print(
    `${plural(Number(total), 'evaluation')}: ${noSignal} without a signal, ${plural(Number(signals), 'signal')} (${plural(Number(orders), 'order')} sent, ${blocked} blocked).`,
  );
  await printTable(outcomes(asOf), rows);
  const venue = Object.entries(rejected).map(([code, count]) => `${printable(code)} ${count}`);
  if (venue.length > 0) print(`Rejected by the venue after they were sent: ${venue.join(', ')}.`);
}

function askedFor({ side, qty, symbol, type, orderId }: Exact<ExampleView>): string {
  const verb = side ?? (orderId === undefined ? undefined : 'close');
  const what = [verb, qty, symbol, type].filter((word) => word !== undefined).join(' ');
  return orderId === undefined ? what : `${what} (${orderId})`.trimStart();
}
