/** Replaces a small file in one step. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** A reader sees the old content or the new; a link in its place is replaced, not followed. @throws the system's error */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  try {
    writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
