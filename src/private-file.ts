/** Files that hold secrets: taken only where nobody else can open them, and never through a link. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Permissions of anybody but the owner. */
const OTHERS = 0o077;

/** Why a file is not taken, in words that go on after its path. */
export class NotPrivate extends Error {}

export interface PrivateFileTerms {
  /** Somebody else may have put it there for us, as where root runs the daemon: any owner and further names will do. */
  readonly foreign?: boolean;
}

/**
 * The text of a file; `undefined` when there is none.
 * @throws NotPrivate when it is a link or no plain file, is not ours, has a second name, or others may open it
 */
export function readPrivateFile(path: string, { foreign = false }: PrivateFileTerms = {}): string | undefined {
  let file: number;
  try {
    // A pipe would keep everything waiting for somebody to write to it.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const why = code === 'ELOOP' ? 'is a symbolic link' : `cannot be read: ${code}`;
    throw new NotPrivate(why, { cause: error });
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new NotPrivate('is not a plain file');
    if (!foreign && stat.nlink > 1) throw new NotPrivate('has a second name (a hard link)');
    if (!foreign && stat.uid !== process.getuid?.()) throw new NotPrivate('belongs to another user');
    if ((stat.mode & OTHERS) !== 0) throw new NotPrivate('is open to other users: chmod 600 it');
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
