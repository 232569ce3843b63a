/** How the rules about gateways, accounts and the daemon itself read their facts. */
import { Decimal, dec } from '../domain/decimal.ts';
import type { AccountFacts, DaemonFacts, GatewayFacts } from './facts.ts';
import type { Reading } from './rule.ts';
import type { Spans } from './spans.ts';

export const LEAST_FREE_BYTES = 1024 ** 3;

export function gatewayDown({ gateway, state, cause, failingLink, strategies }: GatewayFacts): Reading {
  const on = strategies.length === 0 ? 'no strategy is on it' : `on it: ${strategies.join(', ')}`;
  return {
    // One that nobody has asked for is not down.
    holds: state !== 'ready' && state !== 'offline',
    summary: `gateway ${gateway} is ${state}${cause === null ? '' : ` (${cause})`}; ${on}`,
    measured: state,
    limit: null,
    inputs: { state, failingLink, cause, strategies },
  };
}

/** @param limit share of the highest index of the hour */
export function bookEquityDrop({ account, index, high1h }: AccountFacts, limit: Decimal, { high }: Spans): Reading {
  const known = index !== null && high1h !== null && high1h.sign() > 0;
  const drop = known ? high1h.minus(index).dividedBy(high1h) : null;
  return {
    // As a product, not as the rounded share: exactly the limit is no breach.
    holds: known ? index.lessThan(high1h.times(Decimal.ONE.minus(limit))) : null,
    summary: `the equity of ${account} is ${drop?.times(dec(100)).rounded(2).toString() ?? 'an unknown share'} % under its highest of the last hour`,
    measured: drop,
    limit,
    inputs: { index, highest: high1h, windowSeconds: high / 1000 },
  };
}

export function journalFailed({ journalOk, journalReason }: DaemonFacts): Reading {
  return {
    holds: journalOk === null ? null : !journalOk,
    summary: `the journal cannot be written, so no entry is taken: ${journalReason ?? 'nothing has reached the disk for too long'}`,
    measured: journalOk,
    limit: null,
    inputs: { reason: journalReason },
  };
}

/** @param limit seconds of the 99th percentile */
export function journalSlow({ syncP99, slowSyncShare }: DaemonFacts, limit: Decimal): Reading {
  return {
    holds: syncP99 === null ? null : syncP99 > limit.toNumber(),
    summary: `1 % of the journal's writes within 5 min took ${milliseconds(syncP99)} or longer, over ${milliseconds(limit.toNumber())}`,
    measured: syncP99,
    limit,
    inputs: { slowShare: slowSyncShare },
  };
}

/** @param limit share of the disk */
export function diskLow({ freeBytes, diskBytes }: DaemonFacts, limit: Decimal): Reading {
  const least = Math.max(LEAST_FREE_BYTES, diskBytes === null ? 0 : diskBytes * limit.toNumber());
  return {
    holds: freeBytes === null ? null : freeBytes < least,
    summary: `${megabytes(freeBytes ?? 0)} are free on the disk of the state directory, under ${megabytes(least)}`,
    measured: freeBytes,
    limit: Math.round(least),
    inputs: { freeBytes, diskBytes },
  };
}

const milliseconds = (seconds: number | null): string =>
  seconds === null ? 'an unknown time' : `${Math.round(seconds * 1000)} ms`;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
