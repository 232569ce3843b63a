/** `qkt risk <name>`: the policy in force: what its orders pass through, and what halts it. */
import type { Command } from 'commander';
import type { GateStageView, HaltRuleView, RiskView } from '../../domain/risk-views.ts';
import { clientOf, strategyPath } from '../client.ts';
import { parseExact, type Exact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printable, printExactly } from '../output.ts';
import { printTable, type Column } from '../table.ts';
import { duration } from '../words.ts';

const STAGES: readonly Column<Exact<GateStageView>>[] = [
  { title: 'STAGE', cell: ({ code }) => code },
  { title: 'CAP', cell: capText, narrow: 'wrap' },
  { title: 'REDUCING ORDERS', cell: ({ sparesReducing }) => (sparesReducing ? 'pass' : 'are asked too') },
];

const RULES: readonly Column<Exact<HaltRuleView>>[] = [
  { title: 'HALTS WHEN', cell: ({ rule }) => rule, narrow: 'wrap' },
  { title: 'FORMULA', cell: ({ formula }) => formula, narrow: 'wrap' },
  { title: 'LIMIT', cell: ({ limit }) => limit, right: true },
  { title: 'ON BREACH', cell: ({ onBreach }) => onBreach },
  {
    title: 'LIFTED BY',
    cell: ({ autoResume }) => (autoResume === undefined ? 'a person' : 'the next day'),
    narrow: 'wrap',
  },
];

export function define(command: Command): void {
  withCommonOptions(command).argument('<name>', 'a strategy').action(risk);
}

async function risk(name: string, options: CommonOptions): Promise<void> {
  const { text } = await clientOf(options).get(strategyPath(name, 'risk'));
  if (options.json === true) {
    printExactly(text);
    return;
  }
  const { strategy, gate, halt } = parseExact<RiskView>(text);
  print(`Every order of ${printable(strategy)} passes these stages in this order; the first refusal wins.`);
  await printTable(STAGES, gate);
  if (halt.length === 0) print('No halt rule is set.');
  else await printTable(RULES, halt);
}

function capText({ cap, value }: Exact<GateStageView>): string {
  if (cap === undefined) return '';
  if (value === undefined || value === null) return `${cap} not set`;
  if (typeof value === 'string') return `${cap} ${value}`;
  return `${cap} ${duration(Number(value.forMs))} after ${value.losses} losses`;
}
