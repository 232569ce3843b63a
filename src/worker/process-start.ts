/** What the daemon tells a strategy's process on its command line. */

export interface ProcessStart {
  /** Shown by `ps`. */
  readonly name: string;
  /** Of the daemon: without it the process ends itself. */
  readonly parent: number;
  /** Memory that the whole process may use, native code included, in MB. */
  readonly memoryMb: number;
}

export const toArguments = ({ name, parent, memoryMb }: ProcessStart): string[] => [
  name,
  String(parent),
  String(memoryMb),
];

/** @param given `process.argv` */
export function fromArguments([, , name = '', parent, memoryMb]: readonly string[]): ProcessStart {
  return { name, parent: Number(parent), memoryMb: Number(memoryMb) };
}

/** What the watchdog writes to standard error before it ends a process that uses too much memory. */
export const MEMORY_MARK = 'qkt: the process uses too much memory';
