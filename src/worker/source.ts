/** Finds names in an author's file, so that an error about one carries its line and column. */
import type { Location } from '../errors.ts';

/** The author's file as it was compiled. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Comments, then texts in quotes, then names: what must not be mistaken for one another. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|[A-Za-z_$][\w$]*/g;

/** Where a text literal such as a symbol stands for the first time; only the file when it is not there. */
export function locateLiteral(source: SourceFile, literal: string): Location {
  return locate(source, (token) => /^['"`]/.test(token) && token.slice(1, -1) === literal);
}

/** Where a member such as a parameter or a callback is declared (`name:`, `name(`); only the file when it is not there. */
export function locateMember(source: SourceFile, name: string): Location {
  return locate(source, (token, rest) => {
    const bare = /^['"]/.test(token) ? token.slice(1, -1) : token;
    return bare === name && /^\s*[:(<,}]/.test(rest);
  });
}

function locate({ file, text }: SourceFile, matches: (token: string, rest: string) => boolean): Location {
  for (const found of text.matchAll(TOKEN)) {
    const [token] = found;
    if (token.startsWith('//') || token.startsWith('/*')) continue;
    if (matches(token, text.slice(found.index + token.length, found.index + token.length + 80)))
      return { file, ...lineAndColumn(text, found.index) };
  }
  return { file };
}

function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}
