/** What a person may have meant by a name that there is not. */
import { distance } from 'fastest-levenshtein';

/** Up to five names that a person may have meant, the nearest first. */
export function closest(name: string, known: readonly string[]): readonly string[] {
  const text = name.slice(0, 64).toLowerCase();
  const reach = Math.max(2, Math.floor(text.length / 3));
  return known
    .map((candidate) => ({ candidate, far: farness(text, candidate.toLowerCase()) }))
    .filter(({ far }) => far <= reach)
    .toSorted((a, b) => a.far - b.far || a.candidate.localeCompare(b.candidate))
    .slice(0, 5)
    .map(({ candidate }) => candidate);
}

/** A name of which one is the beginning of the other is near, however much longer it is. */
function farness(a: string, b: string): number {
  return a.length > 1 && b.length > 1 && (a.startsWith(b) || b.startsWith(a)) ? 1 : distance(a, b);
}
