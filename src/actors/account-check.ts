/** Is the account behind a gateway the one that it should be, and may it trade? */
import type { AccountExpectations } from '../config/mt5-venue.ts';
import type { Mt5AccountInfo } from '../venues/mt5/types.ts';
import type { GatewayLink } from './gateway-events.ts';

export interface AccountRequirements {
  readonly expect: AccountExpectations;
  /** That our books are kept in. */
  readonly currency: string;
  /** What it was when it was verified first: nobody exchanges the account under what trades on it. */
  readonly before: Pick<Mt5AccountInfo, 'login' | 'server'> | undefined;
}

export interface AccountTrouble {
  readonly link: GatewayLink;
  readonly cause: string;
}

type Said = string | number | undefined;

/** The first thing that is not as it must be; undefined where all is. What is not told counts as wrong where it is expected. */
export function accountTrouble(info: Mt5AccountInfo, requirements: AccountRequirements): AccountTrouble | undefined {
  const { expect, currency, before } = requirements;
  const login = expect.login ?? before?.login;
  const server = expect.server ?? before?.server;
  const checks: readonly (readonly [GatewayLink, string, Said, Said])[] = [
    ['login', 'the terminal is logged in to', info.login, login],
    ['login', 'the terminal is on the server', info.server, server],
    ['account', 'the account is of the kind', info.tradeMode, expect.tradeMode],
    ['account', "the account's currency is", info.currency, expect.currency],
    ['account', "the account's currency, which must be that of our books, is", info.currency, currency],
    ['account', "the account's leverage is", info.leverage, expect.leverage],
  ];
  for (const [link, what, is, must] of checks)
    if (must !== undefined && is !== must) return { link, cause: `${what} ${said(is)} instead of ${said(must)}` };
  return mayNotTrade(info);
}

function mayNotTrade({ marginMode, tradeAllowed }: Mt5AccountInfo): AccountTrouble | undefined {
  if (marginMode === 'unknown')
    return { link: 'account', cause: 'the gateway does not say whether the account nets or hedges' };
  if (tradeAllowed === false) return { link: 'tradePermission', cause: 'the account is not allowed to trade' };
  return undefined;
}

const said = (value: Said): string => (value === undefined || value === '' ? 'nothing that it tells' : String(value));
