import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from '../../src/config/schema.ts';
import { PROFILES } from '../../src/venues/mt5-profiles.ts';
import { loadText } from '../config/support.ts';

const text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

/** Rules of one strategy are documented by reference to those of all. */
const BY_REFERENCE = /^risk\.strategies\.<name>\.(gate|halt)$/;

/** The leaves of the schema as the reference writes them: `venues.<name>.seed`, `risk.halt[].rule`. */
function keys(schema: Schema, path: string): readonly string[] {
  if (BY_REFERENCE.test(path)) return [path];
  const below = (key: string, child: Schema): readonly string[] => keys(child, path === '' ? key : `${path}.${key}`);
  const { properties, additionalProperties, items, oneOf } = schema;
  const found = [
    ...Object.entries(properties ?? {}).flatMap(([key, child]) => below(key, child)),
    ...(typeof additionalProperties === 'object' ? below('<name>', additionalProperties) : []),
    ...(oneOf ?? []).flatMap((branch) => keys(branch, path)),
    ...(items?.oneOf === undefined ? [] : keys(items, `${path}[]`)),
  ];
  return found.length === 0 ? [path] : found;
}

describe('docs/configuration.md', () => {
  it('has every key of the schema, and no other', () => {
    const documented = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
    expect(documented.toSorted()).toEqual([...new Set(keys(ConfigSchema as Schema, ''))].toSorted());
  });

  it('gives an example that loads', async () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(text)![1]!;
    const { config, warnings } = await loadText(example);
    expect(config.account.startingBalance.toString()).toBe('25000');
    expect(warnings).toEqual([]);
  });

  it('states the defaults that there are', async () => {
    const { config } = await loadText('');
    for (const { symbol, spread } of config.instruments.values())
      expect(text).toContain(`${symbol} ${spread.toString()}`);
  });

  it('shows the profiles of brokers as they are', () => {
    for (const [name, { suffix, aliases, magic, clock, port }] of Object.entries(PROFILES)) {
      const shown = Object.entries(aliases).map((pair) => pair.join(' '));
      const cells = [
        name,
        suffix === '' ? 'none' : `\`${suffix}\``,
        shown.join(', '),
        magic,
        `\`${typeof clock === 'string' ? clock : clock.hours}\``,
        port,
      ];
      expect(text).toContain(`| ${cells.join(' | ')} |`.replace('|  |', '| |'));
    }
  });
});
