/** A tmpfs of a few kilobytes, where the machine lets us mount one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const run = (command: string, ...args: readonly string[]): void =>
  void execFileSync(command, args, { stdio: 'ignore' });
const mount = (at: string, options: string): void => run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', at);

export const canMount = ((): boolean => {
  const at = mkdtempSync(join(tmpdir(), 'qkt-mount-'));
  try {
    mount(at, 'size=64k');
    run('umount', '-l', at);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true, force: true });
  }
})();

/** Gone with its test. @param at a directory of its own, unless said */
export function smallDisk(at: string = mkdtempSync(join(tmpdir(), 'qkt-disk-'))): string {
  mkdirSync(at, { recursive: true, mode: 0o700 });
  mount(at, 'size=64k,mode=700');
  onTestFinished(() => {
    run('umount', '-l', at);
    rmSync(at, { recursive: true, force: true });
  });
  return at;
}

/** Gives a disk room again. */
export const enlarge = (at: string): void => mount(at, 'remount,size=16m');
