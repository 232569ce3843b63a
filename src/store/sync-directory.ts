import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes names that appeared or went in a directory survive a power failure. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
