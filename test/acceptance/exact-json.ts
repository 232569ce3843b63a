/** JSON read without binary floats: every number stays the text that was sent. */

const TOKENS = /("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)/g;

/** The object with every number as a string of its digits. */
export function exactJson(text: string): unknown {
  return JSON.parse(text.replace(TOKENS, (_, quoted?: string, number?: string) => quoted ?? `"${number}"`)) as unknown;
}
