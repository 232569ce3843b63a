/** A strategy's status as a person reads it. Pure: figures in, lines out. */
import type { LeaseView } from '../domain/health-views.ts';
import type { StatusView } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { haltLines, headroomText, orderText } from './halt-words.ts';
import { leaseTrouble } from './lease-words.ts';
import { paint, printable } from './output.ts';
import { stopText } from './protection-words.ts';
import { ago, duration, orUnknown, plural } from './words.ts';

type Status = Exact<StatusView>;

const LABEL_WIDTH = 12;
/** A person wants the latest; `--json` has them all. */
const TRADES_SHOWN = 5;
const LOSSES_SHOWN = 5;

/** Lines of the summary; `broken` are the leases that keep one that trades from entering, `now` is for ages. */
export function statusLines(status: Status, broken: readonly Exact<LeaseView>[], now: number): readonly string[] {
  const { currency, gateway, data, evaluations } = status;
  return [
    headline(status),
    ...list('FAILED', failure(status)),
    ...list('NOT READY', notReady(broken)),
    ...line('money', [
      `equity ${orUnknown(status.equity)} ${currency}`,
      `balance ${orUnknown(status.balance)}`,
      `realized ${orUnknown(status.realized)}`,
      `unrealized ${orUnknown(status.unrealized)}`,
    ]),
    ...(status.riskState.halted ? list('HALTED', haltLines(status, now)) : []),
    ...headroom(status),
    ...positions(status, now),
    ...list('orders', status.orders.map(orderText)),
    ...list('waiting', status.pendingStackLayers.map(layerText)),
    ...trades(status, now),
    ...line('signals', [
      plural(Number(evaluations.total), 'evaluation'),
      plural(Number(evaluations.signals), 'signal'),
      plural(Number(evaluations.orders), 'order'),
      ...Object.entries(evaluations.blocked).map(([gate, count]) => `${gate} blocked ${count}`),
    ]),
    ...line('data', [
      data.lastTickAt === null ? 'no tick yet' : `last tick ${ago(data.lastTickAt, now)}`,
      `venue ${gateway.name} ${gateway.state}${gateway.cause === null ? '' : ` (${gateway.cause})`}`,
      ...(data.stale.length === 0 ? [] : [`stale: ${data.stale.join(', ')}`]),
      ...(data.droppedTicks === '0' ? [] : [`${data.droppedTicks} ticks dropped`]),
    ]),
    ...losses(status, now),
    ...lastError(status, now),
    ...line('unknown', status.unknown ?? []),
  ];
}

function headline({ strategy, definition, version, state, uptimeMs, restarts }: Status): string {
  const colour = state === 'trading' ? 'green' : state === 'failed' || state === 'crashed' ? 'red' : 'yellow';
  const again = restarts === '0' ? '' : `, ${plural(Number(restarts), 'restart')}`;
  const from = `${printable(definition)} version ${version}`;
  const up = uptimeMs === '0' ? '' : `, up ${duration(Number(uptimeMs))}`;
  return `${paint('bold', printable(strategy))} (${from}) is ${paint(colour, state)}${up}${again}`;
}

/** Why nothing starts it again by itself, and what does. */
function failure({ strategy, state, latched }: Status): readonly string[] {
  if (state !== 'failed') return [];
  return [latched ?? 'no restart is left', `to run it again: qkt start ${strategy}`];
}

/** As `/health/ready` judges. */
function notReady(broken: readonly Exact<LeaseView>[]): readonly string[] {
  return broken.length === 0
    ? []
    : ['it trades, but a signal now would not become an order', ...broken.map(leaseTrouble)];
}

function losses({ losses: all }: Status, now: number): readonly string[] {
  const rows = all.slice(-LOSSES_SHOWN).map(({ ts, cause, detail, restartedAt }) => {
    const what = detail.startsWith(`${cause}: `) ? detail : `${cause}: ${detail}`;
    return `${ago(ts, now)}: ${what}, ${restartedAt === null ? 'not started again' : 'started again'}`;
  });
  return list('code lost', rows);
}

function headroom({ riskState, currency }: Status): readonly string[] {
  return list(
    'headroom',
    riskState.headroom.map((rule) => headroomText(rule, currency)),
  );
}

function positions({ positions: open, orders, currency }: Status, now: number): readonly string[] {
  const rows = open.map((position) => {
    const { symbol, qty, avgPrice, markPrice, unrealized, openedAt, takeProfit } = position;
    const guards = [stopText(position, orders), ...(takeProfit === undefined ? [] : [`target ${takeProfit}`])];
    return `${symbol} ${qty} @ ${avgPrice}, mark ${orUnknown(markPrice)}, unrealized ${orUnknown(unrealized)} ${currency}, ${guards.join(', ')}, opened ${ago(openedAt, now)}`;
  });
  return list('positions', rows.length === 0 ? ['flat'] : rows);
}

function layerText({ stackId, layer, side, qty, symbol, triggerPrice }: Status['pendingStackLayers'][number]): string {
  // Its price is reckoned from that of layer 1.
  const at = triggerPrice === null ? 'once layer 1 has filled' : `at ${triggerPrice}`;
  return `${stackId} layer ${layer}: ${side} ${qty} ${symbol} ${at}`;
}

function trades({ trades: latest, tradesTotal, currency }: Status, now: number): readonly string[] {
  const rows = latest
    .slice(-TRADES_SHOWN)
    .map(
      ({ ts, side, qty, symbol, price, realized }) =>
        `${ago(ts, now)}: ${side} ${qty} ${symbol} @ ${price}, realized ${realized} ${currency}`,
    );
  return list('trades', [`${tradesTotal} in all`, ...rows]);
}

function lastError(status: Status, now: number): readonly string[] {
  const { lastError: error } = status;
  if (error === undefined) return [];
  const place = [error.file, error.line, error.column].filter((part) => part !== undefined).join(':');
  return line('last error', [`${lastErrorAge(status, now)}${place === '' ? '' : `${place}: `}${error.message}`]);
}

/** `3m ago: ` for the error of a loss; nothing for one that has not cost the code yet, such as a hang. */
export function lastErrorAge({ lastError: error, losses: all }: Status, now: number): string {
  const loss = all.findLast(({ error: its }) => its?.code === error?.code && its?.message === error?.message);
  return loss === undefined ? '' : `${ago(loss.ts, now)}: `;
}

const line = (label: string, parts: readonly string[]): readonly string[] =>
  list(label, parts.length === 0 ? [] : [parts.join(', ')]);

/** The label stands before the first row only. */
function list(label: string, rows: readonly string[]): readonly string[] {
  return rows.map((row, index) => `${(index === 0 ? label : '').padEnd(LABEL_WIDTH)}${printable(row)}`);
}
