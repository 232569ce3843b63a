/** What the gateway counts since its start, as text for Prometheus. Like the original it has no HELP or TYPE lines. */
import { retcodeOf } from '../venues/mt5-retcodes.ts';
import { sideOf, type TradeRequest, type TradeResult } from '../venues/mt5-sim/types.ts';

interface Now {
  readonly connected: boolean;
  readonly killed: boolean;
}

export class Metrics {
  reconnects = 0;
  readonly #submitted = new Map<string, number>();
  readonly #failed = new Map<string, number>();

  /** Orders alone are counted; no result counts as neither. */
  count(request: TradeRequest, result: TradeResult | undefined): void {
    if (result === undefined || (request.action !== 'deal' && request.action !== 'pending')) return;
    const { kind, name } = retcodeOf(result.retcode);
    const [counts, labels] =
      kind === 'success'
        ? [this.#submitted, `side="${sideOf(request.type).toUpperCase()}",symbol="${request.symbol}"`]
        : [this.#failed, `retcode_name="${name}"`];
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }

  text({ connected, killed }: Now): string {
    const counted = (name: string, counts: ReadonlyMap<string, number>): readonly string[] =>
      [...counts].map(([labels, count]) => `${name}{${labels}} ${count}`);
    const lines = [
      `mt5_connected ${connected ? 1 : 0}`,
      `mt5_reconnects_total ${this.reconnects}`,
      `kill_switch_active ${killed ? 1 : 0}`,
      'reconciliation_discrepancies_total 0',
      ...counted('orders_submitted_total', this.#submitted),
      ...counted('orders_failed_total', this.#failed),
      'http_request_duration_seconds 0',
      'mt5_order_send_duration_seconds 0',
    ];
    return `${lines.join('\n')}\n`;
  }
}
