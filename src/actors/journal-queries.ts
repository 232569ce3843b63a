/** The journal as the control plane sees it. */
import { statSync } from 'node:fs';
import type {
  ChainCheck,
  ExportFormat,
  ExportKind,
  JournalPort,
  JournalQuery,
  OperatorRecord,
} from '../domain/ports.ts';
import type { Steps } from '../domain/steps.ts';
import { iso } from '../domain/time.ts';
import { QktError } from '../errors.ts';
import { exportEvents } from '../store/export.ts';
import type { Journal } from '../store/journal.ts';
import { DAEMON } from '../store/journal.ts';

export class JournalQueries implements JournalPort {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  *read({ strategy, after, limit }: JournalQuery): Steps<readonly OperatorRecord[]> {
    const query = { limit, ...(strategy !== undefined && { strategy }), ...(after !== undefined && { after }) };
    const records = yield* this.#journal.operatorLog(query);
    return records.map(({ n, ts, by, command, target, reason, args, outcome, hash }) => ({
      n,
      ts: iso(ts),
      by,
      command,
      target: target === DAEMON ? null : target,
      reason: reason ?? null,
      args: args ?? null,
      outcome,
      hash,
    }));
  }

  *knows(strategy: string): Steps<boolean> {
    if (this.#journal.load(strategy) !== undefined) return true;
    return (yield* this.#journal.operatorLog({ strategy, limit: 1 })).length > 0;
  }

  verify(): Steps<ChainCheck> {
    return this.#journal.verifyChain();
  }

  *export(strategy: string, format: ExportFormat, what: ExportKind): Generator<string> {
    if (this.#journal.load(strategy) === undefined)
      throw new QktError('QKT_E_UNKNOWN_STRATEGY', `nothing is kept of a strategy named ${strategy}`);
    yield* exportEvents(this.#journal, strategy, { format, what });
  }

  async backup(file: string): Promise<{ readonly bytes: number }> {
    await this.#journal.backup(file, { include: ['strategies'] });
    return { bytes: statSync(file).size };
  }
}
