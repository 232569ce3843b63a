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

const parts = new WeakMap<object, Parts>();

/**
 * @param base not frozen, only never changed: a frozen object is copied ten times as slowly
 * @param changing always the same members for one base
 */
export function composeView<View extends object>(base: View, changing: Partial<View>): View {
  const view = { ...base, ...changing };
  parts.set(view, { base, changing });
  return view;
}

export const partsOf = (view: object): Parts | undefined => parts.get(view);
