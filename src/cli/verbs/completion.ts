/** `qkt completion bash|zsh|fish`: a completion script, made from the command tree itself. Needs no daemon. */
import { Argument, type Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { SHELLS, type Shell } from '../completion-scripts.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print } from '../output.ts';

export function define(command: Command): void {
  withCommonOptions(command)
    .addArgument(new Argument('<shell>', 'for example: source <(qkt completion bash)').choices(SHELLS))
    .action(completion);
}

async function completion(shell: Shell, options: CommonOptions): Promise<void> {
  const { buildProgram } = await import('../program.ts');
  const { completionScript, wordsOf } = await import('../completion-scripts.ts');
  const script = completionScript(shell, wordsOf(await buildProgram(() => true)));
  print(options.json === true ? toJson({ shell, script }) : script);
}
