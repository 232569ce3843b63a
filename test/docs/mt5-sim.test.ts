import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, FAULTS, type FaultKind } from '../../src/venues/mt5-sim/faults.ts';
import { simulator } from '../mt5-sim/support.ts';

const text = await readFile(new URL('../../docs/mt5-sim.md', import.meta.url), 'utf8');
const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

function valueOf({ value }: FaultKind): string {
  if (value.kind === 'none') return '—';
  return `${value.kind === 'number' ? value.unit : value.what} (${value.usual})`;
}

function routesOf({ routes }: FaultKind): string {
  if (routes === undefined) return 'state';
  return typeof routes === 'string' ? routes : routes.map((route) => `\`${route}\``).join(', ');
}

describe('docs/mt5-sim.md', () => {
  it('has every fault with its value and routes', () => {
    const rows = text.split('\n').filter((line) => /^\| `[a-z0-9-]+` +\|/.test(line));
    const cells = rows.map((row) =>
      row
        .slice(2, -2)
        .split(/ +\| /)
        .map((cell) => cell.trim().replaceAll('&lt;', '<')),
    );
    expect(cells).toEqual(
      FAULT_NAMES.map((name) => [`\`${name}\``, FAULTS[name].what, valueOf(FAULTS[name]), routesOf(FAULTS[name])]),
    );
  });

  // Without curl on the machine it is skipped.
  it.skipIf(!hasCurl)('has commands that do what they say', async () => {
    const sim = await simulator();
    const block = /```sh\n([\s\S]*?)```/.exec(text)![1]!.trim();
    const answers: unknown[] = [];
    for (const command of block.split('\n')) {
      const { stdout } = await run('sh', ['-c', command], { env: { ...process.env, SIM: sim.url } });
      answers.push(JSON.parse(stdout));
    }
    expect(answers).toMatchObject([
      { bid: 2400.1, ok: true },
      { status: 'ready' },
      { state: 'executed' },
      { data: [{ ticket: 70_010_001, sl: 2390 }] },
      { message: 'Position closed successfully' },
      { data: [{ type: 2 }, { entry: 0 }, { entry: 1 }] },
      { on: [{ name: 'unknown-executed', times_left: 1 }] },
      { error_type: 'unknown_outcome', ok: false },
      { on: [] },
      { requests: [{ status: 200 }, { status: 502 }] },
      { positions: [{ type: 1 }], deals: [{}, {}, {}, {}] },
    ]);
  });
});
