/** JSON in which a number keeps its digits: one with more than a double is sure to hold becomes its text. */

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Doubles tell all decimals of so many digits apart. */
const SURE_LENGTH = 15;
const LONG = new RegExp(`[\\d.]{${SURE_LENGTH + 1}}`);

/** @throws SyntaxError when it is no JSON */
export function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (!LONG.test(text)) return parsed;
  const quoted = text.replaceAll(TOKEN, (token) =>
    token.startsWith('"') || token.length <= SURE_LENGTH ? token : `"${token}"`,
  );
  return JSON.parse(quoted);
}
