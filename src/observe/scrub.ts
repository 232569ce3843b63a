/** Removes known secrets from finished lines: whatever field or text they came in by. */

/** A shorter value would be found in ordinary words. */
const SHORTEST = 8;
const HIDDEN = '[redacted]';

export class Scrubber {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** Learns a secret in the forms in which a line may hold it: plain, JSON-escaped, percent-encoded, base64. */
  add(secret: string): void {
    if (secret.length < SHORTEST) return;
    this.#forms.add(secret);
    this.#forms.add(JSON.stringify(secret).slice(1, -1));
    this.#forms.add(encodeURIComponent(Buffer.from(secret).toString()));
    this.#forms.add(Buffer.from(secret).toString('base64'));
    // Longest first, so that a form that holds another goes as a whole.
    const forms = [...this.#forms].toSorted((a, b) => b.length - a.length);
    this.#pattern = new RegExp(
      forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|'),
      'g',
    );
  }

  scrub(line: string): string {
    return this.#pattern === undefined ? line : line.replace(this.#pattern, HIDDEN);
  }
}
