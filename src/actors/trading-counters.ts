/**
 * What a strategy's trading has come to beyond its ledger: slippage, the venue's answering times,
 * orders sent. It is saved with the turn that changed it, so that it goes on after a crash where it was.
 */
import type { Clock } from '../clock.ts';
import type { Decimal } from '../domain/decimal.ts';
import { Histogram, type HistogramView } from '../domain/histogram.ts';
import { ORDER_STAGES, type OrderStage, type TradingCounts } from '../domain/metrics.ts';
import type { Order } from '../domain/orders.ts';
import type { EpochMs } from '../domain/time.ts';
import type { VenueReport } from '../domain/venue.ts';
import type { TradeView } from '../domain/trading-views.ts';

/** Shares of the signal price: a tenth of a point of EURUSD to five per cent. */
const SLIPPAGE_BOUNDS = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2];
/** Seconds. */
const LATENCY_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type CountersView = Pick<
  TradingCounts,
  'highSlippageTrades' | 'submitted' | 'slippage' | 'improvement' | 'latency'
>;

interface CountersState {
  readonly highSlippageTrades: number;
  readonly submitted: number;
  readonly slippage: HistogramView;
  readonly improvement: HistogramView;
  readonly latency: Readonly<Partial<Record<OrderStage, HistogramView>>>;
  readonly since: EpochMs;
}

/** An order that the venue has not answered, or a market order that it has not filled. */
interface Sent {
  /** By the market's monotonic clock. */
  readonly at: number;
  readonly fillsAtOnce: boolean;
  acknowledged: boolean;
}

export class TradingCounters {
  /** When the strategy was first deployed, by market time. */
  since: EpochMs;
  readonly #clock: Clock;
  readonly #highSlippage: () => Decimal | undefined;
  #highSlippageTrades = 0;
  #submitted = 0;
  readonly #slippage = new Histogram(SLIPPAGE_BOUNDS);
  readonly #improvement = new Histogram(SLIPPAGE_BOUNDS);
  readonly #latency = { ack: new Histogram(LATENCY_BOUNDS), fill: new Histogram(LATENCY_BOUNDS) };
  readonly #sent = new Map<string, Sent>();

  /**
   * @param clock the market's
   * @param highSlippage price units by which an entry's fill may differ from its signal; undefined counts none
   */
  constructor(clock: Clock, highSlippage: () => Decimal | undefined) {
    this.#clock = clock;
    this.#highSlippage = highSlippage;
    this.since = clock.now();
  }

  /** An order goes to the venue as one of its own. */
  sent({ id, type }: Order): void {
    this.#submitted += 1;
    this.#sent.set(id, { at: this.#clock.monotonic(), fillsAtOnce: type === 'market', acknowledged: false });
  }

  /** The venue says something of an order: its first word, and a market order's first fill, are timed. */
  report(report: VenueReport): void {
    if (report.kind === 'external' || report.kind === 'difference') return;
    const id = report.kind === 'fill' ? report.fill.orderId : report.orderId;
    const sent = this.#sent.get(id);
    if (sent === undefined) return;
    if (report.kind === 'unknown') {
      this.#sent.delete(id);
      return;
    }
    const seconds = Math.max(0, this.#clock.monotonic() - sent.at) / 1000;
    if (!sent.acknowledged) this.#latency.ack.observe(seconds);
    sent.acknowledged = true;
    if (report.kind === 'fill' && sent.fillsAtOnce) this.#latency.fill.observe(seconds);
    if (report.kind !== 'accepted' || !sent.fillsAtOnce) this.#sent.delete(id);
  }

  /** A trade whose signal had a price: how far the fill was from it, either way. */
  traded({ slippage, signalPrice, reducing }: TradeView): void {
    if (slippage === null || signalPrice === null || signalPrice.sign() <= 0) return;
    const ratio = slippage.abs().toNumber() / signalPrice.toNumber();
    (slippage.sign() < 0 ? this.#improvement : this.#slippage).observe(ratio);
    const limit = this.#highSlippage();
    if (!reducing && limit !== undefined && slippage.abs().greaterThan(limit)) this.#highSlippageTrades += 1;
  }

  view(): CountersView {
    return {
      highSlippageTrades: this.#highSlippageTrades,
      submitted: this.#submitted,
      slippage: this.#slippage.view(),
      improvement: this.#improvement.view(),
      latency: { ack: this.#latency.ack.view(), fill: this.#latency.fill.view() },
    };
  }

  save(): CountersState {
    return { ...this.view(), since: this.since };
  }

  restore(state: unknown): void {
    const { highSlippageTrades, submitted, slippage, improvement, latency, since } = state as CountersState;
    this.#highSlippageTrades = highSlippageTrades;
    this.#submitted = submitted;
    this.#slippage.restore(slippage);
    this.#improvement.restore(improvement);
    for (const stage of ORDER_STAGES) if (latency[stage] !== undefined) this.#latency[stage].restore(latency[stage]);
    this.since = since;
  }
}
