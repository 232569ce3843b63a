/** The secrets of channels: read when they are needed, from the environment's value or a file that nobody else can read. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Secret } from '../../../alerts/settings.ts';
import { SendFailure } from '../channel-machine.ts';

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

export class Secrets {
  readonly #learned: (secret: string) => void;

  /** @param learned told of each value, so that no line may hold it */
  constructor(learned: (secret: string) => void) {
    this.#learned = learned;
  }

  /** @throws SendFailure when the file is missing, empty, or can be read by others */
  read(secret: Secret): string {
    const value = 'value' in secret ? secret.value : readPrivate(secret.file);
    if (value === '') throw new SendFailure('a secret of this channel is empty');
    this.#learned(value);
    return value;
  }
}

function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw new SendFailure(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'it is a link'}`);
  }
  try {
    const { mode } = fstatSync(file);
    if ((mode & OTHERS) !== 0) throw new SendFailure(`${path} can be read by others: chmod 600 ${path}`);
    return readFileSync(file, 'utf8').trim();
  } finally {
    closeSync(file);
  }
}
