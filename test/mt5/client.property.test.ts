import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/domain/decimal.ts';
import { parseJson } from '../../src/venues/mt5/json-text.ts';
import type { GatewayClient } from '../../src/venues/mt5/client.ts';
import { scriptedClient, whileTimePasses } from '../doubles/scripted-transport.ts';
import { recorded } from './recorded.ts';

const ORDER = { symbol: 'X', side: 'BUY', type: 'market', volume: dec(1), comment: 'q', key: 'k' } as const;

const READS: readonly ((client: GatewayClient) => Promise<{ readonly known: boolean }>)[] = [
  (client) => client.health(),
  (client) => client.ready(),
  (client) => client.account(),
  (client) => client.symbol('X'),
  (client) => client.quote('X'),
  (client) => client.bars('X', 'M1', 3),
  (client) => client.positions(),
  (client) => client.positionsTotal(),
  (client) => client.orders(),
  (client) => client.deals(0, 1),
  (client) => client.orderEnd(1),
  (client) => client.reconcile(),
  (client) => client.kill(false),
  (client) => client.releaseKill(),
];

const TRADES: readonly ((client: GatewayClient) => Promise<{ readonly kind: string }>)[] = [
  (client) => client.place(ORDER),
  (client) => client.cancel(1),
  (client) => client.modify(1, { price: dec(1) }),
  (client) => client.close(1),
  (client) => client.closePart(1, dec(1)),
  (client) => client.setStops(1, { sl: undefined, tp: undefined }),
];

const NASTY = fc.constantFrom<unknown>(
  null,
  '',
  'NaN',
  -1,
  1e308,
  5e-324,
  '1e400',
  '9'.repeat(60),
  2 ** 53,
  [],
  {},
  [null],
  true,
);

/** The recorded answers with some of their members replaced, in envelopes of every kind. */
const damaged = fc
  .record({
    of: fc.constantFrom(...Object.values(recorded)),
    changes: fc.array(fc.tuple(fc.nat(), fc.oneof(NASTY, fc.jsonValue())), { maxLength: 3 }),
    wrap: fc.constantFrom('plain', 'list', 'data', 'orders', 'everything'),
  })
  .map(({ of, changes, wrap }): unknown => {
    if (typeof of === 'string') return of;
    const names = Object.keys(of);
    const row = { ...of, ...Object.fromEntries(changes.map(([n, value]) => [names[n % names.length], value])) };
    const everything = { as_of: '2026-01-05T10:00:00Z', positions: [row], orders: [row], deals: [row] };
    return { plain: row, list: [row], data: { data: [row] }, orders: { total: 1, orders: [row] }, everything }[wrap];
  });

const text = fc.oneof(
  damaged.map((body) => JSON.stringify(body)),
  fc.json(),
  fc.string(),
  // Cut off somewhere.
  fc.tuple(damaged, fc.nat(400)).map(([body, at]) => JSON.stringify(body).slice(0, at)),
);
const status = fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 100, max: 599 }));

describe('whatever a gateway answers', () => {
  it('a read is known or not, and a trade is done, refused or unknown; nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(text, status, fc.nat(), async (answer, code, which) => {
        const { client, clock, transport } = scriptedClient([{ status: code, text: answer }]);
        const read = await whileTimePasses(clock, READS[which % READS.length]!(client));
        expect(typeof read.known).toBe('boolean');
        const before = transport.requests.length;
        const trade = await whileTimePasses(clock, TRADES[which % TRADES.length]!(client));
        expect(['done', 'refused', 'unknown']).toContain(trade.kind);
        expect(transport.requests.length - before).toBe(1);
        await client.dispose();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a number in an answer', () => {
  const digits = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.nat(25), fc.boolean())
    .map(([n, places, negative]) => {
      const padded = n.toString().padStart(places + 1, '0');
      const whole = padded.slice(0, padded.length - places);
      return `${negative ? '-' : ''}${whole}${places === 0 ? '' : `.${padded.slice(-places)}`}`;
    });

  it('keeps every digit that was printed', () => {
    fc.assert(
      fc.property(digits, (printed) => {
        const { n } = parseJson(`{"n":${printed}}`) as { readonly n: number | string };
        expect(dec(n).toString()).toBe(dec(printed).toString());
      }),
    );
  });

  it('changes no text beside it, whatever looks like a number in there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits, fc.string({ unit: 'grapheme' })), digits, (words, printed) => {
        const json = `{${JSON.stringify(words)}:${JSON.stringify(words)},"n":[${printed}]}`;
        const read = parseJson(json) as Record<string, unknown>;
        if (words !== 'n') expect(read[words]).toBe(words);
      }),
    );
  });
});
