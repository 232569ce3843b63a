import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { closed } from '../../src/http/schemas.ts';
import { compileValidator } from '../../src/http/validation.ts';

/** As a route has it that is registered anew for every server. */
const schema = () => closed({ seq: Type.Integer() });

it('compiles once what the servers of all strategies say alike', () => {
  const first = compileValidator({ schema: schema(), httpPart: 'body' });
  expect(compileValidator({ schema: schema(), httpPart: 'body' })).toBe(first);
});

it('tells a query, where text may stand for a number, from a body that says the same', () => {
  const query = compileValidator({ schema: schema(), httpPart: 'querystring' });
  const body = compileValidator({ schema: schema(), httpPart: 'body' });
  expect(query({ seq: '5' })).toBe(true);
  expect(body({ seq: '5' })).toMatchObject({ error: { code: 'QKT_E_BAD_REQUEST' } });
});
