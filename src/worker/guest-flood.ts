/** What a strategy may pour out between two answers; more is a loop gone wrong, which nothing else would end. */
import { QktError } from '../errors.ts';

/** What one callback may ask for: all of it is applied in one turn of the daemon. */
export const MAX_INTENTS = 250;
/** Log lines kept between two answers; what comes beyond is counted. */
export const MAX_LINES = 1_000;
/** Characters of log lines and their fields between two answers. */
export const MAX_LOG_TEXT = 250_000;
/** Log lines kept in one second, and their characters, by the machine's clock: a log cannot take more for long. */
export const MAX_LINES_PER_SECOND = 10_000;
export const MAX_LOG_TEXT_PER_SECOND = 1_000_000;
/** Log lines dropped between two answers that are a flood. */
export const FLOOD_LINES = 20_000;
/** Characters of a definition as data: names, parameters, `risk`. */
export const MAX_DEFINITION_TEXT = 200_000;
/** Failures outside callbacks that are told: the first one ends the run. */
export const MAX_BACKGROUND_FAILURES = 16;

/**
 * Raised once by whatever sees the flood. It is told at once and not with the next answer, since the
 * author's code may catch the error and go on for ever.
 */
export class FloodAlarm {
  readonly #tell: (flood: QktError) => void;
  #flood: QktError | undefined;

  constructor(tell: (flood: QktError) => void) {
    this.#tell = tell;
  }

  /** What has been raised; the run is over then, whatever the author's code makes of it. */
  get flood(): QktError | undefined {
    return this.#flood;
  }

  /** The error to throw. @param what what there is too much of, and how much that is */
  raise(what: string): QktError {
    if (this.#flood === undefined) {
      this.#flood = new QktError('QKT_E_FLOODING', what);
      this.#tell(this.#flood);
    }
    return this.#flood;
  }
}
