import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../src/alerts/fields.ts';
import { runbookOf } from '../../src/alerts/rule.ts';
import { ALERT_RULES } from '../../src/alerts/rules.ts';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/alerts.md', root), 'utf8');

const span = (ms: number): string => (ms === 0 ? '0' : ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`);

describe('docs/alerts.md', () => {
  it('has every rule as it is in the table, and no other', () => {
    const documented = text.split('\n').filter((line) => line.includes('](runbooks/') && line.startsWith('| ['));
    const rows = ALERT_RULES.map(
      ({ id, severity, condition, limit, forMs, keepFiringMs, missing, inhibits }) =>
        `| [\`${id}\`](runbooks/${id}.md) | ${severity} | ${condition} | ${limit === undefined ? '' : `${limit.value.toString()} ${limit.of}`} | ${span(forMs)} | ${span(keepFiringMs)} | ${missing} | ${inhibits.map((each) => `\`${each}\``).join(', ')} |`,
    );
    expect(documented).toEqual(rows);
  });

  it('has every figure that a rule of one’s own may be about', () => {
    const section = text.slice(text.indexOf('## Rules of your own'), text.indexOf('## Channels'));
    const documented = [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name, about]) => [name, about]);
    expect(documented).toEqual(Object.entries(FIELDS).map(([name, { about }]) => [name, about]));
  });
});

describe('the runbooks', () => {
  it('are there for every rule, and for nothing else', () => {
    const pages = readdirSync(new URL('docs/runbooks/', root)).filter((name) => name !== 'README.md');
    expect(pages.toSorted()).toEqual(ALERT_RULES.map(({ id }) => `${id}.md`).toSorted());
  });

  it.each(ALERT_RULES.map(({ id }) => id))('of %s says what it means, how to look and what to do', (id) => {
    const page = readFileSync(new URL(runbookOf(id), root), 'utf8');
    const sections = [`# ${id}`, '## What it means', '## How to look', '## What to do'];
    const places = sections.map((title) => page.indexOf(title));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBe(0);
    expect(page).toMatch(/`qkt /);
    for (const [, target] of page.matchAll(/\]\(([^)#]+)[^)]*\)/g))
      expect(existsSync(new URL(target!, new URL(runbookOf(id), root))), target).toBe(true);
  });
});
