/**
 * Closes by ticket: which positions an order closes, each with a request of its own, and what became of
 * them. A close is booked when its deal is there; an answer only says when to look. See `Phase`.
 */
import { Decimal } from '../../domain/decimal.ts';
import type { AccountContext, Look } from './account-context.ts';
import { rowOf, signedVolume, type Holding } from './holdings.ts';
import { unsettledReason } from './overdue.ts';
import { ABSENT, ABSENT_LOOKS, LOOK_AGAIN_MS } from './placements.ts';
import { isUnsettled, left, type ClosePiece, type OrderRecord } from './records.ts';
import type { Teller } from './teller.ts';
import type { TradeAnswer } from './types.ts';

const isUnderWay = (phase: ClosePiece['phase']): boolean => phase !== 'due' && phase !== 'over';

const GONE = { code: 'GONE', reason: 'nothing is left to close' };

export class TicketCloses {
  readonly #context: AccountContext;
  readonly #teller: Teller;
  readonly #over: (record: OrderRecord) => void;

  /** @param over told when nothing more comes of a close */
  constructor(context: AccountContext, teller: Teller, over: (record: OrderRecord) => void) {
    this.#context = context;
    this.#teller = teller;
    this.#over = over;
  }

  /** Takes positions against that quantity, as far as there are any that nothing else closes; gives what is left of it. */
  plan(record: OrderRecord, qty: Decimal): Decimal {
    const { symbol, side } = record.order;
    let wanted = qty;
    for (const holding of this.#context.holdings.against(symbol, side)) {
      const volume = Decimal.min(this.#free(holding), wanted);
      if (volume.sign() <= 0) continue;
      this.add(record, holding, volume);
      wanted = wanted.minus(volume);
    }
    return wanted;
  }

  /** Closes so much of a position: in several requests, one after the other, where the broker takes less at once. */
  add(record: OrderRecord, { id: position, symbol }: Holding, volume: Decimal): void {
    const { clock, moment, terms } = this.#context.venue;
    const most = terms(symbol)?.volumeMax ?? volume;
    for (let rest = volume; rest.sign() > 0; rest = rest.minus(most)) {
      const basics = { position, phase: 'due', filled: Decimal.ZERO, absent: 0 } as const;
      const piece: ClosePiece = { ...basics, volume: Decimal.min(rest, most), at: clock.now(), moment: moment() };
      record.closes = [...record.closes, piece];
    }
  }

  /** What of a position nothing is on its way to close, nor has to close again. */
  #free({ id, volume }: Holding): Decimal {
    const records = this.#context.records.all();
    const underWay = records.flatMap(({ closes }) =>
      closes.filter((piece) => piece.position === id && isUnsettled(piece)),
    );
    const refused = records.filter(({ external, closes }) => external?.position === id && !closes.some(isUnsettled));
    const free = underWay.reduce((rest, piece) => rest.minus(left(piece)), volume.abs());
    return refused.reduce((rest, { qty, filled }) => rest.minus(qty).plus(filled), free);
  }

  /** Sends what is stored: those that are due, one at a time of each position. */
  send(record: OrderRecord): void {
    for (const piece of record.closes) {
      const isFree = !record.closes.some(({ position, phase }) => position === piece.position && isUnderWay(phase));
      if (piece.phase === 'due' && isFree) this.#send(record, piece);
    }
  }

  #send(record: OrderRecord, piece: ClosePiece): void {
    const { holdings, venue, send } = this.#context;
    const holding = holdings.get(piece.position);
    if (holding === undefined) {
      this.#end(record, piece, GONE);
      return;
    }
    piece.phase = 'sent';
    piece.at = venue.clock.now();
    piece.moment = venue.moment();
    const { ticket, id: position, volume } = holding;
    const basics = { orderId: record.order.id, ticket, position };
    if (piece.volume.compare(volume.abs()) >= 0) send({ kind: 'close', ...basics });
    else send({ kind: 'closePart', ...basics, volume: piece.volume });
  }

  answered(record: OrderRecord, position: number, answer: TradeAnswer): void {
    const piece = record.closes.find((close) => close.position === position && close.phase === 'sent');
    if (piece === undefined) return;
    const { venue, wake } = this.#context;
    piece.at = venue.clock.now();
    piece.moment = venue.moment();
    wake(answer.kind === 'unknown' ? LOOK_AGAIN_MS : 0);
    if (answer.kind === 'refused') {
      const isGone = answer.code === 'POSITION_CLOSED' || this.#context.holdings.get(position) === undefined;
      this.#end(record, piece, isGone ? GONE : { code: answer.code, reason: answer.reason });
      return;
    }
    piece.phase = answer.kind;
    if (answer.kind === 'unknown') {
      this.#teller.unknown(record, answer.reason);
      return;
    }
    const { order, isPartial, volume } = answer.result;
    if (order > 0) piece.ticket = order;
    if (isPartial) piece.expected = volume ?? Decimal.ZERO;
    this.#teller.accepted(record);
  }

  /** What a full look says of it, after its deals have been booked. */
  settle(record: OrderRecord, piece: ClosePiece, look: Look): void {
    if (piece.phase !== 'done' && piece.phase !== 'unknown') return;
    if (left(piece).sign() <= 0) return this.#end(record, piece);
    const holding = this.#context.holdings.get(piece.position);
    if (holding === undefined) return this.#end(record, piece, GONE);
    if (piece.phase === 'unknown') this.#teller.unknown(record, 'its answer was lost');
    if (look.begun <= piece.moment) return;
    if (!this.#isExplained(holding, look)) {
      piece.absent = 0;
      this.#waitForDeals(record, piece);
    } else if (piece.expected !== undefined && !piece.filled.isZero() && piece.filled.compare(piece.expected) >= 0)
      this.#end(record, piece, { code: 'PARTIAL', reason: 'the venue has closed a part only' });
    else if (piece.phase === 'done') this.#waitForDeals(record, piece);
    else this.#isAbsent(record, piece);
  }

  /** Does the venue hold just what our deals say? Then nothing has happened that we do not know of. */
  #isExplained(holding: Holding, { positions }: Look): boolean {
    const { isHedging, ourSymbol } = this.#context.venue;
    const row = rowOf(holding, positions, isHedging() === true, ourSymbol);
    return row !== undefined && signedVolume(row).equals(holding.volume);
  }

  /** Unknown, and the position is as it was. */
  #isAbsent(record: OrderRecord, piece: ClosePiece): void {
    piece.absent += 1;
    if (piece.absent < ABSENT_LOOKS) return;
    record.resolvedBy = ABSENT;
    this.#end(record, piece, { code: 'ABSENT', reason: ABSENT });
  }

  /** A close that was taken and that no deal tells of for too long is as good as unanswered. */
  #waitForDeals(record: OrderRecord, piece: ClosePiece): void {
    const reason = unsettledReason(piece, this.#context.venue.clock.now());
    if (reason === undefined) return;
    if (piece.phase === 'done') piece.absent = 0;
    piece.phase = 'unknown';
    this.#teller.unknown(record, reason);
  }

  #end(record: OrderRecord, piece: ClosePiece, refusal?: NonNullable<ClosePiece['refusal']>): void {
    piece.phase = 'over';
    if (refusal !== undefined) piece.refusal = refusal;
    this.#next(record, piece);
    this.#over(record);
  }

  /** What else of the position is to be closed goes now, unless this has not come off. */
  #next(record: OrderRecord, { position, refusal }: ClosePiece): void {
    const rest = record.closes.filter((piece) => piece.position === position && piece.phase === 'due');
    if (rest.length === 0) return;
    const isOver = refusal !== undefined || record.cancel !== undefined || !this.#context.venue.isOpen();
    if (isOver) for (const piece of rest) piece.phase = 'over';
    else this.#send(record, rest[0]!);
  }
}
