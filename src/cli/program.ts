/** The command line as a tree of commands: complete for the verbs asked for, names and summaries for the rest. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { VERBS } from './verbs.ts';

/**
 * Builds the tree, loading the files of those verbs only that `wanted` says yes to.
 * @param writeErr takes what commander has to say of wrong usage
 */
export async function buildProgram(
  wanted: (verb: string) => boolean,
  writeErr: (text: string) => void = (text) => void process.stderr.write(text),
): Promise<Command> {
  const program = new Command('qkt')
    .description('Runs live trading strategies and makes them observable and stoppable.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({ writeErr })
    // A verb parses its own options, so that it may have verbs below with options of the same names.
    .enablePositionalOptions()
    .showHelpAfterError('(qkt --help lists the verbs; qkt <verb> --help its options)');
  for (const verb of VERBS) {
    const command = program.command(verb.name).description(verb.summary);
    if (wanted(verb.name)) (await verb.load()).define(command);
  }
  return program;
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
