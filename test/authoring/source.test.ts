import { describe, expect, it } from 'vitest';
import type { Location } from '../../src/errors.ts';
import { locateLiteral, locateMember } from '../../src/worker/source.ts';

const text = `// 'EURUSD' name: 'not here'
/* "EURUSD" */ const other = { symbol: 'EURUSDX', name: 'no' };
export default defineStrategy({
  name: "probe",
  params: { "length": param.integer(3), symbol: param.string('x') },
  streams: {
    eur: { bars: '1m' },
    yen: { symbol: 'USDJPY', bars: \`1m\` },
  },
  create({ params }) {
    return { onBar() {}, eur: 1 };
  },
});
const symbol = 'EURUSD';
`;
const source = { file: 'a.ts', text };
const CALL: Location = { file: 'a.ts', line: 3, column: 16 };

describe('the place in an author’s file', () => {
  it('of a symbol is its first literal, comments and other words aside', () => {
    expect(locateLiteral(source, 'EURUSD')).toEqual({ file: 'a.ts', line: 14, column: 16 });
    expect(locateLiteral(source, 'GBPUSD')).toEqual({ file: 'a.ts' });
  });

  it('of a member is where the names lead to inside the call', () => {
    expect(locateMember(source, 'name', CALL)).toEqual({ file: 'a.ts', line: 4, column: 3 });
    expect(locateMember(source, 'streams.yen.bars', CALL)).toEqual({ file: 'a.ts', line: 8, column: 30 });
    expect(locateMember(source, 'params.length', CALL)).toEqual({ file: 'a.ts', line: 5, column: 13 });
    expect(locateMember(source, 'params.length')).toEqual({ file: 'a.ts', line: 5, column: 13 });
  });

  it('of a member that is missing is the object that lacks it, not a namesake elsewhere', () => {
    expect(locateMember(source, 'streams.eur.symbol', CALL)).toEqual({ file: 'a.ts', line: 7, column: 5 });
    expect(locateMember(source, 'params.eur', CALL)).toEqual({ file: 'a.ts', line: 5, column: 3 });
    expect(locateMember(source, 'risk.halt[0].rule', CALL)).toEqual({ file: 'a.ts' });
    expect(locateMember(source, 'eur', CALL)).toEqual({ file: 'a.ts' });
  });

  it('of a callback is where it is written', () => {
    expect(locateMember(source, 'onBar')).toEqual({ file: 'a.ts', line: 11, column: 14 });
    expect(locateMember(source, 'create')).toEqual({ file: 'a.ts', line: 10, column: 3 });
  });
});
