/** JSON in which a number keeps its digits: one with more than a double prints becomes its text. */

/** Doubles tell all decimals of so many digits apart. */
const SURE_LENGTH = 15;
const LONG = new RegExp(`\\d[\\d.]{${SURE_LENGTH},}(?:[eE][+-]?\\d+)?`, 'g');
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** @throws SyntaxError when it is no JSON */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  const long = text.match(LONG);
  // A gateway prints doubles, shortest first: then nothing was lost, and most answers end here.
  if (long === null || long.every(isAsPrinted)) return parsed;
  return JSON.parse(text.replaceAll(TOKEN, (token) => (mustBeText(token) ? `"${token}"` : token)));
}

const isAsPrinted = (number: string): boolean => String(Number(number)) === number;

const mustBeText = (token: string): boolean =>
  !token.startsWith('"') && token.length > SURE_LENGTH && !isAsPrinted(token);
