/** Entry of `qkt`: finds the verb, runs it, and turns whatever goes wrong into words on stderr and an exit code. */
import { CommanderError } from 'commander';
import { DONE, exitCodeOf, USAGE } from './exit.ts';
import { explain } from './explain.ts';
import { endQuietlyOnClosedPipe } from './output.ts';
import { buildProgram } from './program.ts';
import { asUsageError } from './usage-error.ts';

/** Runs one command line (without node and script) and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  endQuietlyOnClosedPipe();
  const verb = argv[0] === 'help' ? argv[1] : argv[0];
  const json = argv.includes('--json');
  // A program that asked for JSON gets a problem document instead.
  let said = '';
  const keep = (text: string): void => void (said += text);
  try {
    const program = await buildProgram((name) => name === verb, json ? keep : undefined);
    await program.parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : DONE;
  } catch (error) {
    // Commander has said it on stderr already; help and version come out as errors with code 0.
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return DONE;
      if (json) explain(asUsageError(error, said), true);
      return USAGE;
    }
    explain(error, json);
    return exitCodeOf(error);
  }
}
