/**
 * What belongs into `diagrams/`, made from the machines themselves: of each `<machine>.mmd`, `.svg` and `.json`, the
 * system of all, and the page that holds them. `proofs/`, which the page takes in, is written by the tests.
 */
import { readdir, readFile } from 'node:fs/promises';
import { invariantTable } from './invariants.ts';
import { machineChart } from './machine-chart.ts';
import { machineToJson } from './machine-to-json.ts';
import { machineToMermaid } from './machine-to-mermaid.ts';
import { chartToSvg, machineToSvg } from './machine-to-svg.ts';
import { MACHINES, type DrawnMachine } from './machines.ts';
import { systemChart, systemMermaid } from './system-chart.ts';

const PROOFS = 'proofs';

/** Every file of `diagrams/` with its text, by file name. @param folder where the proofs lie */
export async function diagramFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>([['README.md', await page(folder)]]);
  files.set('system.mmd', systemMermaid());
  files.set('system.svg', await chartToSvg(systemChart(), 'Who speaks to whom', { machine: 'open', outside: 'ended' }));
  for (const [name, { machine, tones, about, columns = [] }] of Object.entries(MACHINES)) {
    files.set(`${name}.mmd`, machineToMermaid(machine));
    files.set(`${name}.svg`, await machineToSvg(machine, tones));
    files.set(`${name}.json`, machineToJson(machine, about, columns));
  }
  return files;
}

/** Names of the files in the folder that differ, are missing, or belong to no machine. */
export async function outdated(folder: string, files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const present = await readdir(folder).catch(() => []);
  const strangers = present.filter((name) => !files.has(name) && name !== PROOFS);
  const differing: string[] = [];
  for (const [name, text] of files) {
    const found = await readFile(`${folder}/${name}`, 'utf8').catch(() => undefined);
    if (found !== text) differing.push(name);
  }
  return [...differing, ...strangers].toSorted();
}

async function page(folder: string): Promise<string> {
  const sections: string[] = [];
  for (const [name, drawn] of Object.entries(MACHINES)) sections.push(...section(name, drawn), ...(await proof(name, folder)));
  return [
    '# State charts',
    '',
    'Written by `npm run diagrams` from the machines in `src/actors`; `.ci/run` fails when a file here is not current.',
    '',
    '## Who speaks to whom',
    '',
    'Tinted: machines, each with a chart below. Grey: what is not in the main thread. The rest is plain code beside them, on the path of every tick, where no machine is. Machines are told events, and tell what they want done; whoever reads (HTTP, command line, page) reads their snapshots.',
    '',
    '![The parts of the daemon, and what they say to one another](system.svg)',
    '',
    'As text: [system.mmd](system.mmd). A test holds it to the code: each event that a machine takes is said by somebody here, by a file that knows it, and each part is a file that is there.',
    '',
    '## How to read a chart',
    '',
    'In a picture all transitions between two states share a line; the `.mmd` beside it has each one with its actions, one a line, and the `.json` the same for tools. Dashed: what holds in every state that does not say otherwise. `[guard]`: only where that is true. The table under each picture is derived from the definition: what a state promises, and every event that leaves it, with whereto; whatever is not named there does not leave it. Under it stands what the tests have walked: for each transition the shortest way to it, taken step by step, and what was held at every step.',
    '',
    ...sections,
  ].join('\n');
}

function section(name: string, { machine, about, columns = [] }: DrawnMachine): readonly string[] {
  return [
    `## ${name}`,
    '',
    about,
    '',
    `![State chart of ${name}](${name}.svg)`,
    '',
    ...invariantTable(machineChart(machine), columns),
    '',
    `As text: [${name}.mmd](${name}.mmd); for tools: [${name}.json](${name}.json).`,
    '',
  ];
}

/** What the tests have proven of it, in a part that opens. */
async function proof(name: string, folder: string): Promise<readonly string[]> {
  const text = await readFile(`${folder}/${PROOFS}/${name}.md`, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const [summary, ...rest] = text.trim().split('\n');
  return ['<details>', `<summary>${summary}</summary>`, ...rest, '', '</details>', ''];
}
