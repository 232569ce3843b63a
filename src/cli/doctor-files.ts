/** `qkt doctor`: the state directory, who can reach it, and the disk that it lies on. */
import { accessSync, constants, lstatSync, readdirSync, statfsSync, statSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, megabytes, octal, warn, well, word, type Ailment } from './doctor-findings.ts';

/** What the daemon keeps in directories of its own; a link there is refused at a start. */
const SUBDIRECTORIES = ['logs', 'strategies', 'journal'];
/** The journal holds this much for halts and cancels, and closes entries where it cannot. */
const RESERVE_BYTES = 16 * 1024 * 1024;
/** The journal writes nothing with less than this. */
const LEAST_BYTES = 1024 * 1024;
const FEW_FILES = 1000;

/** The directory itself, what is in it, and its disk. @param logBytes what the log files may take */
export function fileFindings(stateDir: string, logBytes: number): readonly Ailment[] {
  const stat = lookAt(stateDir);
  if (stat instanceof Error) return [fail('state directory', stat.message, `ls -ld ${word(stateDir)}`)];
  if (stat === undefined) return [absent(stateDir), ...diskFindings(nearest(stateDir), false, logBytes)];
  const directory = directoryFinding(stateDir, stat);
  if (!stat.isDirectory()) return [directory];
  return [directory, privateFinding(stateDir), ...diskFindings(stateDir, hasReserve(stateDir), logBytes)];
}

function lookAt(path: string): Stats | Error | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function absent(stateDir: string): Ailment {
  const check = 'state directory';
  const parent = nearest(stateDir);
  return mayWrite(parent)
    ? well(check, `${stateDir} is not there yet: the first start makes it`)
    : fail(check, `${stateDir} cannot be made: no right to write in ${parent}`, `sudo install -d -m 700 -o "$(id -un)" ${word(stateDir)}`); // prettier-ignore
}

function directoryFinding(stateDir: string, stat: Stats): Ailment {
  const check = 'state directory';
  const path = word(stateDir);
  if (!stat.isDirectory()) return fail(check, `${stateDir} is not a directory`, `mv ${path} ${path}.old`);
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid)
    return fail(check, `${stateDir} belongs to uid ${stat.uid}, this is ${uid}`, `sudo chown -R "$(id -un)" ${path}`);
  if ((stat.mode & 0o077) !== 0)
    return fail(check, `${stateDir} is open to others: mode ${octal(stat.mode)}, not 0700`, `chmod 700 ${path}`);
  if (!mayWrite(stateDir)) return fail(check, `${stateDir} cannot be written`, `chmod 700 ${path}`);
  return well(check, `${stateDir}, mode ${octal(stat.mode)}`);
}

/** Directories are 0700, files 0600, all are this user's, and none is a link to somewhere else. */
function privateFinding(stateDir: string): Ailment {
  const check = 'permissions';
  try {
    const names = readdirSync(stateDir);
    for (const name of names) {
      const path = join(stateDir, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      const wrong = stat === undefined ? undefined : wrongWith(path, stat, SUBDIRECTORIES.includes(name));
      if (wrong !== undefined) return wrong;
    }
    return well(check, `${names.length} files and directories, for this user alone`);
  } catch (error) {
    return fail(check, (error as Error).message, `chmod 700 ${word(stateDir)}`);
  }
}

function wrongWith(path: string, stat: Stats, isDirectory: boolean): Ailment | undefined {
  const check = 'permissions';
  if (stat.isSymbolicLink()) return fail(check, `${path} is a symbolic link`, `rm ${word(path)}`);
  if (isDirectory && !stat.isDirectory()) return fail(check, `${path} is not a directory`, `rm ${word(path)}`);
  const uid = process.getuid?.();
  if (uid !== undefined && stat.uid !== uid)
    return fail(check, `${path} belongs to uid ${stat.uid}, this is ${uid}`, `sudo chown "$(id -un)" ${word(path)}`);
  if ((stat.mode & 0o077) === 0 || stat.isSocket()) return undefined;
  const mode = stat.isDirectory() ? '700' : '600';
  return fail(check, `${path} is open to others: mode ${octal(stat.mode)}, not 0${mode}`, `chmod ${mode} ${word(path)}`); // prettier-ignore
}

function diskFindings(path: string, reserveHeld: boolean, logBytes: number): readonly Ailment[] {
  const { bavail, bsize, ffree, files } = statfsSync(path);
  const free = bavail * bsize;
  const needed = LEAST_BYTES + (reserveHeld ? 0 : RESERVE_BYTES);
  const takers = `du -xh -d 2 ${word(path)} | sort -h | tail`;
  const figure = `${megabytes(free)} free, reserve of 16 MiB ${reserveHeld ? 'held' : 'not held'}`;
  const space =
    free < needed
      ? fail('disk space', `${figure}: entries are closed below ${megabytes(needed)}`, takers)
      : free < logBytes
        ? warn('disk space', `${figure}; the logs may take ${megabytes(logBytes)}`, takers)
        : well('disk space', figure);
  // Some file systems count no files.
  if (files === 0 || ffree >= FEW_FILES) return [space];
  return [space, fail('disk files', `${ffree} more files can be made`, `find ${word(path)} -xdev -type f | wc -l`)];
}

const hasReserve = (stateDir: string): boolean =>
  statSync(join(stateDir, 'journal', 'reserve'), { throwIfNoEntry: false })?.size === RESERVE_BYTES;

/** The directory that is there, on the way up. */
function nearest(path: string): string {
  for (let at = dirname(path); ; at = dirname(at)) if (lookAt(at) !== undefined || at === dirname(at)) return at;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
