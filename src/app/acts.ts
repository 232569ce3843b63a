/** Commands of persons, with who, why and outcome: in the operators' chain and in the daemon's log. */
import type { Act } from '../actors/act.ts';
import { asQktError, QktError } from '../errors.ts';
import type { Parts } from './parts.ts';

export class Acts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Runs a command and keeps it with its outcome, which is told once it is on disk: whoever has an answer finds who
   * asked for it, whatever ends the process. A disk that takes nothing holds no answer back.
   * @throws as the command; QktError QKT_E_STARTING before there is a log
   */
  async told<T>(act: Act, run: () => Promise<T>, targetOf?: (result: T) => string): Promise<T> {
    const { log } = this.#parts;
    if (log === undefined) throw new QktError('QKT_E_STARTING', 'the daemon has not been opened yet');
    const { command, by, reason } = act;
    const fields = { target: act.target ?? 'all', by, ...(reason !== undefined && { reason }) };
    try {
      const result = await run();
      const target = targetOf?.(result) ?? act.target;
      const kept = this.note({ ...act, target }, 'done');
      log.info(`${command} done`, { ...fields, target: target ?? 'all' });
      await kept;
      return result;
    } catch (error) {
      const { code, located } = asQktError(error);
      const kept = this.note(act, code);
      log.warn(`${command} refused`, { ...fields, code, detail: located });
      await kept;
      throw error;
    }
  }

  /** Keeps an act whose outcome is known. Settles when it is on disk, or is known not to be; never rejects. */
  note(act: Act, outcome: string): Promise<void> {
    const { log, journal } = this.#parts;
    try {
      const kept = journal?.note(act, outcome) ?? Promise.resolve();
      return kept.catch((error: unknown) =>
        log?.error(`${act.command} is not in the journal yet`, { cause: asQktError(error).located }),
      );
    } catch (error) {
      // Too much waits to be written already: what was commanded happens all the same.
      log?.error(`${act.command} is missing from the journal`, { cause: asQktError(error).located });
      return Promise.resolve();
    }
  }
}
