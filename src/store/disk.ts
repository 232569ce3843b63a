/** The disk under the journal, as a port: a drill stands one in that is slow or full. */
import { statfsSync } from 'node:fs';

export interface Disk {
  /** Bytes that this user can still take on the disk of `path`. @throws the system's error when it does not say. */
  freeBytes(path: string): number;
  /** Runs one transaction; settles as it does. */
  write(transaction: () => Promise<void>): Promise<void>;
}

/** Size of the disk of `path`; undefined where the system does not say. */
export function diskBytes(path: string): number | undefined {
  try {
    const { blocks, bsize } = statfsSync(path);
    return blocks * bsize;
  } catch {
    return undefined;
  }
}

/** The machine's own. */
export const MACHINE_DISK: Disk = {
  freeBytes(path) {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  },
  write: (transaction) => transaction(),
};
