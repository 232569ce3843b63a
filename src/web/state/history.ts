/** Of one strategy: its events, those of before the page was opened included, and its equity curve. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { EquitySpan, EquityView } from '../../domain/history.ts';
import { get, strategyPath } from './api.ts';
import { authorization } from './session.ts';
import { chosen, events, link, type LiveEvent } from './store.ts';
import type { Wire } from './wire.ts';

export type Equity = Wire<EquityView>;

const TYPES = 'signal,order,fill,rejection,cancel,position,halt,resume,lifecycle,lease,gateway,alert';
/** What the journal keeps of what a plot marks. */
const KEPT_TYPES = 'fill,halt,resume';
const AGAIN_MS = 30_000;

/** Oldest first, each once. */
export function useEvents(name: string): readonly LiveEvent[] {
  const [before, setBefore] = useState<readonly LiveEvent[]>([]);
  const isLive = link.value.state === 'live';
  useEffect(() => {
    if (isLive) void eventsOf(name).then(setBefore, () => undefined);
  }, [name, isLive]);
  const live = events.value;
  return useMemo(() => {
    const last = before.at(-1)?.seq ?? 0;
    return [...before, ...live.filter(({ strategy, seq }) => strategy === name && (seq ?? 0) > last)];
  }, [before, live, name]);
}

const eventsOf = async (name: string): Promise<readonly LiveEvent[]> => (await pageOf(name, `types=${TYPES}`)).events;

/** Fills, halts and resumes as far back as the journal keeps them, oldest first; null until they are wanted and there. */
export function useKept(name: string, isWanted: boolean): readonly LiveEvent[] | null {
  const [kept, setKept] = useState<readonly LiveEvent[] | null>(null);
  useEffect(() => {
    if (!isWanted) return undefined;
    let isCurrent = true;
    void keptOf(name).then(
      (all) => isCurrent && setKept(all),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [name, isWanted]);
  return kept;
}

async function keptOf(name: string): Promise<readonly LiveEvent[]> {
  const kept: LiveEvent[] = [];
  for (let since: string | null = '0'; since !== null;) {
    const page = await pageOf(name, `types=${KEPT_TYPES}&since=${since}&wait=0`);
    kept.push(...page.events);
    // The last page is the one that comes empty.
    since = page.events.length === 0 ? null : page.next;
  }
  return kept;
}

/** Without what says that numbers are missing. */
async function pageOf(name: string, query: string) {
  const answer = await fetch(`${strategyPath(name, 'events')}?${query}`, { headers: authorization() });
  const lines = answer.ok ? (await answer.text()).split('\n').filter((line) => line !== '') : [];
  const events = lines.map((line) => JSON.parse(line) as LiveEvent).filter(({ type }) => type !== 'gap');
  return { events, next: answer.headers.get('qkt-next-since') };
}

/** The curve; the one by seconds goes on with each status, the others are asked for again. */
export function useEquity(name: string, span: EquitySpan): Equity | null {
  const [curve, setCurve] = useState<Equity | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const ask = (): void =>
      void get<Equity>(`${strategyPath(name, 'equity')}?span=${span}`).then(
        (answer) => isCurrent && setCurve(answer),
        () => undefined,
      );
    ask();
    const timer = setInterval(ask, AGAIN_MS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [name, span]);
  const status = chosen.value?.status;
  useEffect(() => {
    if (span === '10m' && status !== undefined)
      setCurve((before) => (before === null ? null : extended(before, status)));
  }, [status?.data.lastTickAt, span]);
  return curve;
}

/** By engine time, as the curve is: a replay has its own. */
function extended(curve: Equity, status: NonNullable<typeof chosen.value>['status']): Equity {
  const { equity, balance, riskState, data } = status;
  const at = data.lastTickAt;
  const last = curve.ts.at(-1);
  const isNew = at !== null && (last === undefined || at.slice(0, 19) > last.slice(0, 19));
  if (curve.span !== '10m' || !isNew) return curve;
  const kept = <T>(column: readonly T[], value: T): readonly T[] => [...column, value].slice(-600);
  return {
    ...curve,
    ts: kept(curve.ts, at),
    equity: kept(curve.equity, equity),
    balance: kept(curve.balance, balance),
    drawdown: kept(curve.drawdown, riskState.drawdown),
  };
}
