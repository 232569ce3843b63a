/** Ranges of ports as people write them. */

/** `47000-47100` as a range of ports, both included; undefined when it is none. */
export function parsePortRange(text: string): { readonly from: number; readonly to: number } | undefined {
  const m = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim());
  if (m === null) return undefined;
  const [from, to] = [Number(m[1]), Number(m[2])];
  return from >= 1 && from <= to && to <= 65_535 ? { from, to } : undefined;
}
