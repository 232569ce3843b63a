/** Finds names in an author's file, so that an error about one carries its line and column. */
import type { Location } from '../errors.ts';

/** The author's file as it was compiled. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Comments, texts in quotes, names and what nests or separates: what must not be mistaken for one another. */
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|[A-Za-z_$][\w$]*|[{}()[\],]/g;

/** Where a text literal such as a symbol stands for the first time; only the file when it is not there. */
export function locateLiteral({ file, text }: SourceFile, literal: string): Location {
  const found = tokens(text, 0).find((token) => token.text.slice(1, -1) === literal && /^['"`]/.test(token.text));
  return found === undefined ? { file } : { file, ...lineAndColumn(text, found.offset) };
}

/**
 * Where a member is declared (`name:`, `name(`), by the names that lead to it, such as
 * `streams.eur.bars`: the deepest of them that is there; only the file when none is.
 * @param call the call whose argument holds it; without one, the first name may stand anywhere
 */
export function locateMember({ file, text }: SourceFile, path: string, call?: Location): Location {
  const names = path.split(/[.[\]]+/);
  let found: Location = { file };
  let depth = 0;
  // An argument's own members stand inside the call's parenthesis and the object's brace.
  let wanted = call === undefined ? undefined : 2;
  for (const token of tokens(text, call === undefined ? 0 : offsetOf(text, call))) {
    if ('{(['.includes(token.text)) depth += 1;
    else if ('})]'.includes(token.text)) depth -= 1;
    if (hasLeft(token.text, depth, wanted, call !== undefined && found.line === undefined)) break;
    if ((wanted !== undefined && depth !== wanted) || !declares(text, token, names[0]!)) continue;
    found = { file, ...lineAndColumn(text, token.offset) };
    names.shift();
    wanted = depth + 1;
    if (names.length === 0) break;
  }
  return found;
}

/** True once the search is past the member, or the call, that it is inside of. */
function hasLeft(token: string, depth: number, wanted: number | undefined, isInCall: boolean): boolean {
  if (wanted === undefined) return false;
  if (isInCall) return depth === 0 && token === ')';
  return depth < wanted - 1 || (depth === wanted - 1 && token === ',');
}

function declares(text: string, token: Token, name: string): boolean {
  const bare = /^['"]/.test(token.text) ? token.text.slice(1, -1) : token.text;
  return bare === name && /^\s*[:(<,}]/.test(text.slice(token.end, token.end + 80));
}

interface Token {
  readonly text: string;
  readonly offset: number;
  readonly end: number;
}

function tokens(text: string, from: number): readonly Token[] {
  return [...text.matchAll(TOKEN)]
    .map((found) => ({ text: found[0], offset: found.index, end: found.index + found[0].length }))
    .filter((token) => token.offset >= from && !/^\/[/*]/.test(token.text));
}

function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

function offsetOf(text: string, { line = 1, column = 1 }: Location): number {
  const lines = text.split('\n').slice(0, line - 1);
  return lines.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
