/** The secrets of channels: read when they are needed, from the environment's value or a file that nobody else can read. */
import type { Secret } from '../../../alerts/settings.ts';
import { readPrivateFile } from '../../../private-file.ts';
import { SendFailure } from '../channel-machine.ts';

export class Secrets {
  readonly #learned: (secret: string) => void;

  /** @param learned told of each value, so that no line may hold it */
  constructor(learned: (secret: string) => void) {
    this.#learned = learned;
  }

  /** @throws SendFailure when the file is missing, empty, no plain file, or open to others */
  read(secret: Secret): string {
    const value = 'value' in secret ? secret.value : readMounted(secret.file);
    if (value === '') throw new SendFailure('a secret of this channel is empty');
    this.#learned(value);
    return value;
  }
}

/** Whoever put it there: a person has named it, and it need not be made by us. */
function readMounted(path: string): string {
  try {
    const text = readPrivateFile(path, { foreign: true });
    if (text !== undefined) return text.trim();
  } catch (error) {
    throw new SendFailure(`${path} ${error instanceof Error ? error.message : 'cannot be read'}`);
  }
  throw new SendFailure(`${path} is missing`);
}
