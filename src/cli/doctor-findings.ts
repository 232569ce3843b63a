/** What `qkt doctor` finds: one line each, with the command that mends it. */

export interface Ailment {
  readonly check: string;
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly figure: string;
  /** A command, or several with `&&`; absent where all is well, or where a person has to judge first. */
  readonly mend?: string;
}

export const well = (check: string, figure: string): Ailment => ({ check, verdict: 'ok', figure });
export const warn = (check: string, figure: string, mend?: string): Ailment => found('warn', check, figure, mend);
export const fail = (check: string, figure: string, mend?: string): Ailment => found('fail', check, figure, mend);

const found = (verdict: 'warn' | 'fail', check: string, figure: string, mend: string | undefined): Ailment => ({
  check,
  verdict,
  figure,
  ...(mend !== undefined && { mend }),
});

/** A word of a command, quoted for a shell where it has to be. */
export function word(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The commands of a line with the state directory that the doctor was asked about, so that they can be pasted. */
export function addressed(mend: string, stateDir: string | undefined): string {
  if (stateDir === undefined) return mend;
  const flag = ` --state-dir ${word(stateDir)}`;
  return mend.replaceAll(/\bqkt (?!config|monitoring)[^&|#]*[^&|# ]/g, (command) => command + flag);
}

export function megabytes(bytes: number): string {
  const mb = bytes / 1_000_000;
  return mb < 10 ? `${mb.toFixed(1)} MB` : mb < 10_000 ? `${Math.round(mb)} MB` : `${Math.round(mb / 1000)} GB`;
}

export const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');
