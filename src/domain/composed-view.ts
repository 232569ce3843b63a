/**
 * Views of which most stays the same from one answer to the next: a base that nobody changes any
 * more, and the few members that every answer has anew, such as ages. Who writes a view out can keep
 * what it wrote of the base.
 */

/** What a view was composed of. */
export interface Parts {
  /** A member that changes has its place in it, whatever its value there. */
  readonly base: object;
  readonly changing: Readonly<Record<string, unknown>>;
}

/** Of the view that was composed last: an answer is written out right after it, and any other is written as a whole. */
let latest: { readonly view: object; readonly parts: Parts } | undefined;

/**
 * @param base not frozen, only never changed: a frozen object is copied ten times as slowly
 * @param changing always the same members for one base
 */
export function composeView<View extends object>(base: View, changing: Partial<View>): View {
  const view = { ...base, ...changing };
  latest = { view, parts: { base, changing } };
  return view;
}

/** What a view was composed of, where that is still known. */
export const partsOf = (view: object): Parts | undefined => (latest?.view === view ? latest.parts : undefined);

/**
 * The rows of before where nothing in them has changed, so that their text can be used again, else
 * the new ones, frozen. Rows are of plain values.
 */
export function sameRows<Row extends object>(before: readonly Row[] | undefined, now: readonly Row[]): readonly Row[] {
  if (before?.length === now.length && now.every((row, index) => isSame(before[index]!, row))) return before;
  return Object.freeze(now.map((row) => Object.freeze(row)));
}

/** On the path of every answer: nothing is allocated. */
function isSame(before: object, now: object): boolean {
  const a = before as Fields;
  const b = now as Fields;
  for (const name in b) if (a[name] !== b[name]) return false;
  // A member that is no longer there.
  for (const name in a) if (!(name in b)) return false;
  return true;
}

type Fields = Readonly<Record<string, unknown>>;
