/** `qkt diagram <machine>`: the chart of a machine as it was drawn from its definition. Needs no daemon. */
import { readdir, readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { QktError } from '../../errors.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { print, printExactly } from '../output.ts';

interface DiagramOptions extends CommonOptions {
  readonly svg?: boolean;
}

/** Drawn by `npm run diagrams`, and part of the package. */
const DIAGRAMS = new URL('../../../diagrams/', import.meta.url);

export function define(command: Command): void {
  withCommonOptions(command)
    .argument('<machine>', 'such as strategy')
    .option('--svg', 'as a picture (default: as Mermaid text)')
    .action(diagram);
}

async function diagram(machine: string, options: DiagramOptions): Promise<void> {
  const format = options.svg === true ? 'svg' : 'mermaid';
  const extension = options.svg === true ? '.svg' : '.mmd';
  const known = (await readdir(DIAGRAMS)).filter((file) => file.endsWith(extension)).map((file) => file.slice(0, -4));
  if (!known.includes(machine))
    throw new QktError('QKT_E_USAGE', `there is no machine named "${machine}"`, { candidates: known });
  const drawing = await readFile(new URL(machine + extension, DIAGRAMS), 'utf8');
  if (options.json === true) print(toJson({ machine, format, drawing }));
  else printExactly(drawing);
}
