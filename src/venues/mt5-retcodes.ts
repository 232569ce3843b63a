/** The codes that a trade server answers with, and what a gateway makes of each. */

/** `ambiguous`: nobody knows whether it was executed. */
export type RetcodeClass = 'success' | 'retryable' | 'ambiguous' | 'permanent';

export interface Retcode {
  readonly code: number;
  readonly name: string;
  readonly kind: RetcodeClass;
  readonly comment: string;
}

const NAMES: Readonly<Record<RetcodeClass, Readonly<Record<number, string>>>> = {
  success: { 10008: 'PLACED', 10009: 'DONE', 10010: 'DONE_PARTIAL' },
  retryable: {
    10004: 'REQUOTE',
    10020: 'PRICE_CHANGED',
    10021: 'PRICE_OFF',
    10024: 'TOO_MANY_REQUESTS',
    10031: 'CONNECTION',
  },
  ambiguous: { 10012: 'TIMEOUT' },
  permanent: {
    10006: 'REJECT',
    10007: 'CANCEL',
    10011: 'ERROR',
    10013: 'INVALID',
    10014: 'INVALID_VOLUME',
    10015: 'INVALID_PRICE',
    10016: 'INVALID_STOPS',
    10017: 'TRADE_DISABLED',
    10018: 'MARKET_CLOSED',
    10019: 'NO_MONEY',
    10022: 'INVALID_EXPIRATION',
    10023: 'ORDER_CHANGED',
    10025: 'NO_CHANGES',
    10026: 'SERVER_DISABLES_AT',
    10027: 'CLIENT_DISABLES_AT',
    10028: 'LOCKED',
    10029: 'FROZEN',
    10030: 'INVALID_FILL',
    10032: 'ONLY_REAL',
    10033: 'LIMIT_ORDERS',
    10034: 'LIMIT_VOLUME',
    10035: 'INVALID_ORDER',
    10036: 'POSITION_CLOSED',
    10038: 'INVALID_CLOSE_VOLUME',
    10039: 'CLOSE_ORDER_EXIST',
  },
};

const COMMENTS: Readonly<Record<number, string>> = {
  10008: 'Order placed',
  10009: 'Request executed',
  10010: 'Request executed partially',
};

const BY_CODE = new Map<number, Retcode>(
  Object.entries(NAMES).flatMap(([kind, names]) =>
    Object.entries(names).map(([text, name]): [number, Retcode] => {
      const code = Number(text);
      return [code, { code, name, kind: kind as RetcodeClass, comment: COMMENTS[code] ?? sentence(name) }];
    }),
  ),
);

const codeOf = new Map([...BY_CODE.values()].map(({ name, code }) => [name, code]));

/** Name, class and comment of a code; one that is not listed is ambiguous. */
export function retcodeOf(code: number): Retcode {
  const name = `UNKNOWN_${code}`;
  return BY_CODE.get(code) ?? { code, name, kind: 'ambiguous', comment: sentence(name) };
}

/** @throws Error when no code has that name */
export function codeNamed(name: string): number {
  const code = codeOf.get(name);
  if (code === undefined) throw new Error(`no retcode is called ${name}`);
  return code;
}

/** `NO_MONEY` as `No money`. */
function sentence(name: string): string {
  const words = name.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
