/** An event of the daemon as a line for a person. */
import { parseExact } from './exact-json.ts';
import { printable } from './output.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Members that stand at the start of the line, or say nothing to a person. */
const LEADING = new Set(['ts', 'seq', 'type', 'strategy', 'journalSeq']);

/** `2026-11-22T07:28:33.123Z #42 fill ema-cross symbol=EURUSD side=BUY qty=10000 …` from one line of NDJSON. */
export function eventLine(json: string): string {
  const event: Fields = parseExact<Fields>(json);
  const { ts, seq, type, strategy } = event;
  const head = [ts, seq === undefined ? undefined : `#${text(seq)}`, type, strategy].filter(
    (part) => part !== undefined,
  );
  const rest = Object.entries(event).filter(([key]) => !LEADING.has(key));
  return [...head.map(text), ...rest.map(([key, value]) => `${printable(key)}=${text(value)}`)].join(' ');
}

function text(value: unknown): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  return /\s|"/.test(value) ? printable(JSON.stringify(value)) : printable(value);
}
