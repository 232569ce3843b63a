/** `${VAR}` and `${VAR:-default}` in the scalars of a configuration file; `$${` writes a plain `${`. */

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

export interface Expanded {
  readonly text: string;
  /** Whether a variable's value, not only defaults, stands in the text. */
  readonly fromEnvironment: boolean;
  readonly problem?: string;
}

/** Replaces every reference; an unset variable without a default, or a malformed reference, is a problem. */
export function expandVariables(source: string, env: NodeJS.ProcessEnv): Expanded {
  let fromEnvironment = false;
  let problem: string | undefined;
  const text = source.replace(REFERENCE, (whole, inside: string | undefined, closing: string | undefined) => {
    if (whole === '$${') return '${';
    const parts = closing === '}' ? INSIDE.exec(inside ?? '') : null;
    if (parts === null) {
      problem ??= `"${whole}" is no variable: write \${NAME} or \${NAME:-default}, and $\${ for a plain \${`;
      return whole;
    }
    const [, name, fallback] = parts;
    const value = env[name!];
    if (value !== undefined && (value !== '' || fallback === undefined)) {
      fromEnvironment = true;
      return value;
    }
    if (fallback === undefined)
      problem ??= `the environment variable ${name} is not set, and has no default (\${${name}:-…})`;
    return fallback ?? '';
  });
  return { text, fromEnvironment, ...(problem === undefined ? {} : { problem }) };
}
