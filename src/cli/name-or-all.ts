/** `<name>` or `--all`. */
import { QktError } from '../errors.ts';

/** The name; undefined for all. @throws QktError QKT_E_USAGE for both. */
export function nameOrAll(name: string | undefined, all: boolean | undefined): string | undefined {
  if (name !== undefined && all === true) throw new QktError('QKT_E_USAGE', 'give a name or --all, not both');
  return name;
}
