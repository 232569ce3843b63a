/** JSON in which a number keeps its digits: one with more than a double is sure to hold becomes its text. */

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Fifteen digits and a point. */
const SURE_LENGTH = 16;
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
