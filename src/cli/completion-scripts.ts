/** Completion scripts of the three shells. Pure: the words of the command tree in, a script out. */
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow a path of commands: `''` is `qkt` itself, `daemon start` a verb of a verb. */
export interface Words {
  readonly path: string;
  readonly words: readonly string[];
  /** Whether the next argument is the name of a deployed strategy. */
  readonly takesName: boolean;
}

export function wordsOf(command: Command, path = ''): readonly Words[] {
  const below = command.commands.map((child) => child.name());
  const options = command.options.map((option) => option.long ?? option.short!);
  const takesName =
    command.registeredArguments.some((argument) => argument.name() === 'name') && !path.startsWith('token');
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const own = { path, words: [...below, ...choices, ...options, '--help'], takesName };
  return [own, ...command.commands.flatMap((child) => wordsOf(child, `${path} ${child.name()}`.trim()))];
}

export function completionScript(shell: Shell, words: readonly Words[]): string {
  return { bash, zsh, fish }[shell](words);
}

/** The first column of `qkt list`, without its title; nothing when no daemon runs. */
const NAMES = `qkt list 2>/dev/null | tail -n +2 | cut -d ' ' -f 1`;

function cases(words: readonly Words[]): string {
  return words
    .map(({ path, words: own, takesName }) => {
      const names = takesName ? ` $(${NAMES})` : '';
      return `    '${path}') words="${own.join(' ')}${names}" ;;`;
    })
    .join('\n');
}

/** The deepest known path among the words before the cursor. */
const paths = (words: readonly Words[]): string =>
  words
    .map(({ path }) => path)
    .filter((path) => path.includes(' '))
    .map((path) => `'${path}'`)
    .join('|');

function bash(words: readonly Words[]): string {
  return `# qkt completion for bash: source <(qkt completion bash)
_qkt() {
  local path words
  path="\${COMP_WORDS[1]}"
  [ "$COMP_CWORD" -le 1 ] && path=''
  if [ "$COMP_CWORD" -gt 2 ]; then
    case "$path \${COMP_WORDS[2]}" in
      ${paths(words)}) path="$path \${COMP_WORDS[2]}" ;;
    esac
  fi
  case "$path" in
${cases(words)}
    *) words='' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -eq 0 ] && compopt -o default 2>/dev/null
}
complete -F _qkt qkt`;
}

function zsh(words: readonly Words[]): string {
  return `#compdef qkt
# qkt completion for zsh: source <(qkt completion zsh)
_qkt() {
  local at words_line
  at="\${words[2]}"
  [ "$CURRENT" -le 2 ] && at=''
  if [ "$CURRENT" -gt 3 ]; then
    case "$at \${words[3]}" in
      ${paths(words)}) at="$at \${words[3]}" ;;
    esac
  fi
  case "$at" in
${cases(words).replaceAll('words="', 'words_line="')}
    *) words_line='' ;;
  esac
  compadd -- \${=words_line}
  _files
}
compdef _qkt qkt`;
}

function fish(words: readonly Words[]): string {
  const lines = words.map(({ path, words: own, takesName }) => {
    const steps = path === '' ? [] : path.split(' ');
    const condition =
      steps.length === 0
        ? '__fish_use_subcommand'
        : steps.map((step) => `__fish_seen_subcommand_from ${step}`).join('; and ');
    const names = takesName ? ` (${NAMES})` : '';
    return `complete -c qkt -n '${condition}' -a "${own.join(' ')}${names}"`;
  });
  return ['# qkt completion for fish: qkt completion fish | source', ...lines].join('\n');
}
