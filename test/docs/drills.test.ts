import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DRILLS } from '../../src/drills/drills.ts';
import { FAULTS } from '../../src/drills/types.ts';

const text = await readFile(new URL('../../docs/drills.md', import.meta.url), 'utf8');

describe('docs/drills.md', () => {
  it('has every fault with what is done and what is expected', () => {
    const rows = text.split('\n').filter((line) => /^\| `[a-z-]+` \|/.test(line));
    const limit = (ms: number | null): string => (ms === null ? '—' : String(ms));
    expect(rows).toEqual(
      FAULTS.map((fault) => {
        const { what, surface, expect: times } = DRILLS[fault];
        const limits = [times.detectedMs, times.gateClosedMs, times.haltedMs, times.alertedMs, times.recoveredMs].map(
          limit,
        );
        return `| ${[`\`${fault}\``, what, surface, ...limits].join(' | ')} |`;
      }),
    );
  });

  it('shows a run of every fault', () => {
    const run = text.slice(text.indexOf('## A run'));
    const shown = [...run.matchAll(/^([a-z-]+) .* (?:pass|fail)$/gm)].map(([, fault]) => fault);
    expect(shown).toEqual(FAULTS);
  });
});
