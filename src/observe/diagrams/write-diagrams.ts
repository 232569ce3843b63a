/**
 * `npm run diagrams`: writes what is not current in `diagrams/`. With `--check` nothing is written;
 * exit code 1 names every file that is not current.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { diagramFiles, outdated } from './diagram-files.ts';

const folder = fileURLToPath(new URL('../../../diagrams', import.meta.url));
const files = await diagramFiles(folder);
const stale = await outdated(folder, files);

if (!process.argv.includes('--check')) {
  await mkdir(folder, { recursive: true });
  for (const name of stale.filter((one) => files.has(one))) await writeFile(`${folder}/${name}`, files.get(name)!);
  process.stdout.write(stale.length === 0 ? 'diagrams/ is current\n' : `written: ${stale.join(', ')}\n`);
} else if (stale.length > 0) {
  process.stderr.write(`diagrams/ is not current: ${stale.join(', ')}. Run npm run diagrams and commit what it writes.\n`);
  process.exitCode = 1;
}
