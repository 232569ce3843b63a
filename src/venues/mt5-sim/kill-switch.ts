/** The kill switch: a file, so that it outlives the gateway. Without a file it is kept in memory. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../store/replace-file.ts';

export class KillSwitch {
  readonly #file: string | undefined;
  #active: boolean;

  constructor(file?: string) {
    this.#file = file;
    this.#active = file !== undefined && existsSync(file);
  }

  get active(): boolean {
    return this.#file === undefined ? this.#active : existsSync(this.#file);
  }

  /** @throws the system's error when the file cannot be written */
  engage(): void {
    this.#active = true;
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    replaceFile(this.#file, 'active\n');
  }

  release(): void {
    this.#active = false;
    if (this.#file !== undefined) rmSync(this.#file, { force: true });
  }
}
