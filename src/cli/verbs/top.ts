/** `qkt top`: all strategies in a table that is refreshed in place, with keys to halt or stop the selected one. */
import { emitKeypressEvents, type Key } from 'node:readline';
import type { Command } from 'commander';
import type { StrategyRow } from '../../domain/status-views.ts';
import { clientOf } from '../client.ts';
import { parseExact } from '../exact-json.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { note, paint, printExactly } from '../output.ts';
import { printStrategies } from '../strategy-table.ts';
import { topLines, type Line } from '../top-screen.ts';
import { TopSession } from '../top-session.ts';

/** Another screen, so that what was there is there again afterwards; no cursor. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';
/** Each leaves the terminal as it was. */
const ENDED_BY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function define(command: Command): void {
  withCommonOptions(command).action(top);
}

async function top(options: CommonOptions): Promise<void> {
  const client = clientOf(options);
  const { text } = await client.get('/daemon/list');
  if (options.json === true) {
    printExactly(text);
    return;
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    note('This is no terminal: the table once, as qkt list prints it.');
    await printStrategies(parseExact<StrategyRow[]>(text));
    return;
  }
  await run(client);
}

function run(client: ConstructorParameters<typeof TopSession>[0]): Promise<void> {
  const { stdin, stdout } = process;
  const left = new AbortController();
  const session = new TopSession(client, draw);
  function draw(): void {
    if (left.signal.aborted) return;
    const lines = topLines(session.state, { columns: stdout.columns, rows: stdout.rows });
    const text = lines.map((line) => styled(line) + REST_OF_LINE).join('\r\n');
    stdout.write(HOME + text + REST_OF_SCREEN);
  }
  return new Promise((resolve) => {
    const leave = (): void => {
      left.abort();
      stdin.off('keypress', onKey).setRawMode(false).pause();
      stdout.off('resize', draw).write(LEAVE);
      for (const signal of ENDED_BY) process.off(signal, leave);
      resolve();
    };
    const onKey = (character: string | undefined, { name = '', ctrl = false }: Key): void => {
      if (ctrl && name === 'c') leave();
      else void session.key(name, character ?? '').then((stays) => (stays ? undefined : leave()));
    };
    emitKeypressEvents(stdin);
    stdin.setRawMode(true).resume().on('keypress', onKey);
    stdout.on('resize', draw).write(ENTER);
    for (const signal of ENDED_BY) process.on(signal, leave);
    void session.follow(left.signal);
  });
}

function styled({ text, style }: Line): string {
  if (style === 'title') return paint('bold', text);
  if (style === 'warn') return paint('yellow', text);
  return style === 'selected' ? paint('green', text) : text;
}
