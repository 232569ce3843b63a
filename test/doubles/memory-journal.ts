/** A journal as HTTP sees it: a few records, and whatever a test wants exported. */
import type {
  ChainCheck,
  ExportFormat,
  ExportKind,
  JournalPort,
  JournalQuery,
  OperatorRecord,
} from '../../src/domain/ports.ts';
import type { Steps } from '../../src/domain/steps.ts';
import { QktError } from '../../src/errors.ts';

export class MemoryJournal implements JournalPort {
  readonly records: OperatorRecord[] = [
    record(1, 'halt', 'ema-cross', 'news at 14:30'),
    record(2, 'resume', 'ema-cross', 'news is over'),
    record(3, 'halt', null, 'exchange trouble'),
    record(4, 'stop', 'other', null),
  ];
  check: ChainCheck = { ok: true, records: 4 };
  readonly queries: JournalQuery[] = [];
  readonly exports: (readonly [string, ExportFormat, ExportKind])[] = [];
  readonly backups: string[] = [];
  pieces: () => Iterable<string> = function* () {
    yield 'id,qty\n';
    yield 'a,1.10000000000000000001\n';
  };
  /** How many exports have been let go of. */
  released = 0;

  *read(query: JournalQuery): Steps<readonly OperatorRecord[]> {
    this.queries.push(query);
    const { strategy, after, limit } = query;
    yield;
    const found = this.records.filter(
      ({ n, target }) => n > (after ?? 0) && (strategy === undefined || target === null || target === strategy),
    );
    return after === undefined ? found.slice(-limit) : found.slice(0, limit);
  }
  *knows(strategy: string): Steps<boolean> {
    yield;
    return this.records.some(({ target }) => target === strategy);
  }
  *verify(): Steps<ChainCheck> {
    yield;
    return this.check;
  }
  *export(strategy: string, format: ExportFormat, what: ExportKind): Generator<string> {
    this.exports.push([strategy, format, what]);
    try {
      if (strategy !== 'ema-cross') throw new QktError('QKT_E_UNKNOWN_STRATEGY', 'nothing is kept');
      yield* this.pieces();
    } finally {
      this.released += 1;
    }
  }
  backup(file: string): Promise<{ readonly bytes: number }> {
    this.backups.push(file);
    return Promise.resolve({ bytes: 123_456 });
  }
}

function record(n: number, command: string, target: string | null, reason: string | null): OperatorRecord {
  const ts = `2026-11-22T07:0${n}:00.000Z`;
  return { n, ts, by: 'owner', command, target, reason, args: {}, outcome: 'done', hash: `${n}`.repeat(64) };
}
