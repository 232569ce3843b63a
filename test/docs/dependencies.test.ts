import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(await read('package.json')) as Manifest;
const text = await read('docs/dependencies.md');

/** The packages that the table under a heading lists, each with its reason. */
function listed(heading: string): readonly (readonly [string, string])[] {
  const section = text.split('\n## ').find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, reason]) => [name!, reason!]);
}

describe('docs/dependencies.md', () => {
  it.each([
    ['At run time', manifest.dependencies],
    ['For development', manifest.devDependencies],
  ])('%s: gives a reason for every package of package.json, and for no other', (heading, packages) => {
    const rows = listed(heading);
    expect(rows.map(([name]) => name).toSorted()).toEqual(Object.keys(packages).toSorted());
    expect(rows.every(([, reason]) => reason.length > 3)).toBe(true);
  });

  it('is right that every version is exact', () => {
    const versions = [...Object.values(manifest.dependencies), ...Object.values(manifest.devDependencies)];
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
