/** What is written by a shorter way must be the text of the plain way, character by character. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeView, sameRows } from '../../src/domain/composed-view.ts';
import { dec, Decimal } from '../../src/domain/decimal.ts';
import type { QktEvent } from '../../src/domain/events.ts';
import { toJson } from '../../src/domain/json.ts';
import { iso } from '../../src/domain/time.ts';
import { itemObject, lines } from '../../src/http/event-lines.ts';
import { viewJson } from '../../src/http/view-json.ts';

/** JSON with decimals in it, without any of the shorter ways. */
function plainJson(value: unknown): string | undefined {
  if (value instanceof Decimal) return value.toString();
  if (typeof value === 'number' && String(value).includes('e')) return dec(value).toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => plainJson(item) ?? 'null').join(',')}]`;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const text = plainJson(member);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

const amount = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((units) => dec(`${units}e-3`));
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((value) => value || 0),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  amount,
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('tree')),
  ),
}));

function freezeAll<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (!(value instanceof Decimal)) Object.values(value).forEach(freezeAll);
  return Object.freeze(value);
}

describe('what is written by a shorter way', () => {
  it('is the JSON of the plain way for any value', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(toJson(value)).toBe(plainJson(value) ?? 'null');
      }),
    );
  });

  it('is the plain JSON of a view, frozen or not, the first time and after that', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tree), (view) => {
        expect(viewJson(view)).toBe(plainJson(view));
        const frozen = freezeAll(view);
        expect([viewJson(frozen), viewJson(frozen)]).toEqual([plainJson(view), plainJson(view)]);
      }),
    );
  });

  it('is the plain JSON of a composed view, whichever of its members change, and in which order', () => {
    const named = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), tree, fc.boolean()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(
        named,
        fc.array(
          leaf.filter((value) => value !== undefined),
          { minLength: 2, maxLength: 4 },
        ),
        (members, values) => {
          const base = Object.fromEntries(members.map(([name, member]) => [name, freezeAll(member)]));
          const changing = members.filter(([, , changes]) => changes).map(([name]) => name);
          for (const value of values) {
            const view = composeView(base, Object.fromEntries(changing.map((name) => [name, value])));
            expect(viewJson(view)).toBe(plainJson(view));
          }
        },
      ),
    );
  });

  it('takes rows for the same only if every member is', () => {
    const row = fc.dictionary(
      fc.constantFrom('name', 'depth', 'limit', 'unit'),
      fc.constantFrom(0, 1, 'bytes', undefined),
    );
    const rows = fc.array(row, { maxLength: 3 });
    fc.assert(
      fc.property(rows, rows, (before, now) => {
        const same = sameRows(before, now);
        // A member that is undefined has no text, as one that is not there.
        if (same === before) expect(before).toEqual(now);
        else expect(same).toStrictEqual(now);
        expect(sameRows(same, structuredClone(now))).toBe(same);
      }),
    );
  });

  it('is the text of Date for any time, in whichever order the times come', () => {
    const time = fc.oneof(
      fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
      fc.integer({ min: 1_767_225_600_000, max: 1_767_225_603_000 }),
      fc.double({ min: -1e13, max: 1e13, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(time), (times) => {
        expect(times.map(iso)).toEqual(times.map((ms) => new Date(ms).toISOString()));
      }),
    );
    expect(() => iso(Number.NaN)).toThrow(RangeError);
  });

  it('is the line of a tick that any other event would have', () => {
    const price = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value || 0);
    const tick = fc.record({
      seq: fc.nat(),
      ts: fc.integer({ min: 0, max: 4e12 }),
      type: fc.constant('tick' as const),
      strategy: fc.string(),
      symbol: fc.string({ unit: 'binary' }),
      bid: price,
      ask: price,
    });
    fc.assert(
      fc.property(tick, (event: QktEvent) => {
        expect(lines([event])).toBe(`${plainJson(itemObject(event))}\n`);
      }),
    );
  });
});
