/** The configuration in force; read again while the daemon runs, it is taken as a whole or not at all. */
import { changesOf, liveConfig } from '../config/reload.ts';
import type { Loaded } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import type { ReloadResult } from '../domain/ports.ts';
import type { ConfigSource } from './options.ts';

const NOTHING: ReloadResult = { applied: [], atNextDeploy: [], needsRestart: [] };

export class Settings {
  #config: Config;
  readonly #source: ConfigSource | undefined;
  /** What was read last: what a restart would bring is measured from the start, all else from here. */
  #read: Loaded | undefined;
  #underway: Promise<unknown> = Promise.resolve();

  constructor(config: Config, source: ConfigSource | undefined) {
    this.#config = config;
    this.#source = source;
    this.#read = source?.loaded;
  }

  get config(): Config {
    return this.#config;
  }

  /**
   * Reads it again and applies what can be. One after the other, when asked for twice.
   * @throws QktError QKT_E_CONFIG with the line, QKT_E_CONFIG_FILE; nothing has changed then
   */
  reload(apply: (config: Config, warnings: readonly string[]) => void): Promise<ReloadResult> {
    const mine = this.#underway.then(() => this.#reload(apply));
    this.#underway = mine.catch(() => undefined);
    return mine;
  }

  async #reload(apply: (config: Config, warnings: readonly string[]) => void): Promise<ReloadResult> {
    const source = this.#source;
    if (source === undefined || this.#read === undefined) return NOTHING;
    const after = await source.read();
    const { applied, atNextDeploy } = changesOf(this.#read, after);
    const { needsRestart } = changesOf(source.loaded, after);
    this.#config = liveConfig(this.#config, after.config);
    this.#read = after;
    apply(this.#config, after.warnings);
    return { ...(after.file !== undefined && { file: after.file }), applied, atNextDeploy, needsRestart };
  }
}
