/** What belongs into `diagrams/`, made from the machines themselves: `<machine>.mmd`, `<machine>.svg` and an index. */
import { readdir, readFile } from 'node:fs/promises';
import { flatStates, machineChart } from './machine-chart.ts';
import { machineToMermaid } from './machine-to-mermaid.ts';
import { machineToSvg } from './machine-to-svg.ts';
import { MACHINES, type DrawnMachine } from './machines.ts';

/** Every file of `diagrams/` with its text, by file name. */
export async function diagramFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>([['README.md', index()]]);
  for (const [name, { machine, tones }] of Object.entries(MACHINES)) {
    files.set(`${name}.mmd`, machineToMermaid(machine));
    files.set(`${name}.svg`, await machineToSvg(machine, tones));
  }
  return files;
}

/** Names of the files in the folder that differ, are missing, or belong to no machine. */
export async function outdated(folder: string, files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const present = await readdir(folder).catch(() => []);
  const strangers = present.filter((name) => !files.has(name));
  const differing: string[] = [];
  for (const [name, text] of files) {
    const found = await readFile(`${folder}/${name}`, 'utf8').catch(() => undefined);
    if (found !== text) differing.push(name);
  }
  return [...differing, ...strangers].toSorted();
}

function index(): string {
  return [
    '# State charts',
    '',
    'Written by `npm run diagrams` from the machines in `src/actors`; `.ci/run` fails when a file here is not current.',
    'In a picture all transitions between two states share a line; the `.mmd` beside it has each one with its actions.',
    'Dashed: what holds in every state that does not say otherwise.',
    '',
    ...Object.entries(MACHINES).flatMap(([name, drawn]) => section(name, drawn)),
  ].join('\n');
}

function section(name: string, { machine, about }: DrawnMachine): string[] {
  const { states } = machineChart(machine);
  const rows = flatStates(states).map(
    ({ path, description, tags }) => `| \`${path}\` | ${description} | ${tags.map((tag) => `\`${tag}\``).join(' ')} |`,
  );
  return [
    `## ${name}`,
    '',
    about,
    '',
    `![State chart of ${name}](${name}.svg)`,
    '',
    '| state | what it promises | tags |',
    '|---|---|---|',
    ...rows,
    '',
    `As text: [${name}.mmd](${name}.mmd)`,
    '',
  ];
}
