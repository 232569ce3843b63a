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

  /** Learns a secret in the forms in which a line may hold it. */
  add(secret: string): void {
    if (secret.length < SHORTEST) return;
    for (const form of formsOf(secret)) if (form.length >= SHORTEST) this.#forms.add(form);
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

/** Plain, as JSON within JSON, percent-encoded, hexadecimal, and as base64 of it or of a text around it. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const escaped = inJson(secret);
  const percent = encodeURIComponent(bytes.toString());
  const hex = bytes.toString('hex');
  const base64 = [bytes.toString('base64'), ...[0, 1, 2].map((before) => base64Within(bytes, before))];
  return [
    secret,
    escaped,
    inJson(escaped),
    inJson(inJson(escaped)),
    percent,
    percent.replace(/%../g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The characters that say nothing but the secret, when so many bytes (modulo 3) come before it: `user:secret`, say. */
function base64Within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}
