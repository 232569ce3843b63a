/**
 * Protection of positions: what a stop or target shall be, what the venue shows, and a request as long as the
 * two differ. What the venue does not hold is watched here, so that a position is never without it. A level
 * that somebody else has moved or taken away is a difference: its policy says what becomes of it.
 */
import type { Decimal } from '../../domain/decimal.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { AccountContext, Look } from './account-context.ts';
import { commonStop, movedWithCommon } from './common-stop.ts';
import type { Moved } from './deal-booking.ts';
import { rowOf, sideOf, signedVolume, type Holding } from './holdings.ts';
import type { OrderRecord } from './records.ts';
import { ABSENT_LOOKS } from './placements.ts';
import { retryPause } from './retry-pause.ts';
import { maySet, onGrid } from './symbol-terms.ts';
import type { Mt5Position, Stops, TradeAnswer } from './types.ts';

export type StopRole = 'sl' | 'tp';
export const STOP_ROLES: readonly StopRole[] = ['sl', 'tp'];
const LEG_ROLE = { sl: 'stopLoss', tp: 'takeProfit' } as const;

/** One level of one position. */
export interface Level {
  /** What we have asked for, oldest first, null for none: a look that shows one of them has only not caught up. */
  asked: readonly (Decimal | null)[];
  /** As the venue has shown it while it was what we knew of. */
  confirmed?: Decimal;
  /** The venue's is somebody else's business: nothing is set there. */
  released?: boolean;
}

export interface Guarded {
  readonly position: number;
  readonly sl: Level;
  readonly tp: Level;
  /** Looks that began before this moment say nothing of it. */
  moment: number;
  retryAt: EpochMs;
  attempts: number;
  /** An answer was lost: until then an older request may still be carried out. */
  lateUntil: EpochMs;
}

/** A level that is neither what we want nor what we knew. */
export interface Drift {
  readonly holding: Holding;
  readonly role: StopRole;
  /** Those that would have to be at what is seen for it to be what is wanted; none where no order here says what it shall be. */
  readonly legs: readonly OrderRecord[];
  readonly wanted: Decimal | undefined;
  readonly seen: Decimal | undefined;
}

export interface GuardListener {
  drifted(drift: Drift): void;
  /** It is still as when it drifted. */
  stillDrifted(drift: Drift): void;
  /** The level is what it shall be. */
  agrees(position: number, role: StopRole): void;
  /** The venue does not hold a leg's level, or holds it again. */
  watch(leg: OrderRecord, isHeldThere: boolean): void;
  /** A leg that was taken back is gone at the venue as well. */
  cleared(leg: OrderRecord): void;
}

const ASKED_KEPT = 4;
const LATE_MS = 60_000;

export class Guard {
  readonly #context: AccountContext;
  readonly #listener: GuardListener;
  readonly #guarded = new Map<number, Guarded>();
  readonly #setting = new Set<number>();

  constructor(context: AccountContext, listener: GuardListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** An order has moved a position, and has brought its levels. */
  booked({ position, preset, isNew }: Moved): void {
    if (isNew) this.#guarded.delete(position);
    const guarded = this.#of(position);
    for (const role of STOP_ROLES) if (preset[role] !== undefined) ask(guarded[role], preset[role]);
  }

  /** Is this what was seen of a position before, with nothing to be asked for? */
  knows(holding: Holding, row: Mt5Position): boolean {
    const guarded = this.#of(holding.id);
    const isSeen = STOP_ROLES.every((role) => same(guarded[role].confirmed, row[role]));
    return isSeen && this.#toAsk(holding, guarded, row) === undefined;
  }

  /** Does the venue hold a leg's level, or may it? */
  mayHold(leg: OrderRecord): boolean {
    const holding = this.holdingOf(leg);
    if (holding === undefined) return false;
    const { asked, confirmed } = this.#of(holding.id)[roleOf(leg)];
    const level = this.#levelOf(leg);
    return same(confirmed, level) || asked.some((one) => same(one ?? undefined, level));
  }

  /** Has the venue shown a stop of the position, whoever set it? */
  isStoppedThere({ id }: Holding): boolean {
    return this.#guarded.get(id)?.sl.confirmed !== undefined;
  }

  /** The strategy has moved a leg: it is set anew, whatever became of its level before. */
  moved(leg: OrderRecord): void {
    const holding = this.holdingOf(leg);
    if (holding === undefined) return;
    const level = this.#of(holding.id)[roleOf(leg)];
    delete level.released;
    this.#watchLeg(leg, level);
  }

  /** The position that a leg protects. */
  holdingOf({ order: { protects, symbol } }: OrderRecord): Holding | undefined {
    const { holdings, venue } = this.#context;
    return venue.isHedging() === false ? holdings.of(symbol)[0] : holdings.ofEntry(protects!.entryId);
  }

  answered(position: number, answer: TradeAnswer): void {
    this.#setting.delete(position);
    const guarded = this.#guarded.get(position);
    if (guarded === undefined) return;
    const { venue, wake } = this.#context;
    guarded.moment = venue.moment();
    const isDone = answer.kind === 'done' || (answer.kind === 'refused' && answer.code === 'NO_CHANGES');
    // One that is said to be done and is not seen is asked for less and less often as well.
    const pauseMs = isDone && guarded.attempts < 2 ? 0 : retryPause(guarded.attempts);
    guarded.retryAt = venue.clock.now() + pauseMs;
    if (answer.kind === 'unknown') guarded.lateUntil = venue.clock.now() + LATE_MS;
    wake(pauseMs);
  }

  /** What a full look shows of every position, after its deals have been booked. */
  settle(look: Look): void {
    const { holdings, venue, records } = this.#context;
    for (const id of this.#guarded.keys()) if (holdings.get(id) === undefined) this.#guarded.delete(id);
    for (const leg of records.all()) {
      if (leg.order.protects === undefined || this.holdingOf(leg) !== undefined) continue;
      if (leg.cancel !== undefined) this.#listener.cleared(leg);
      // Its position is closed, and the book has closed another entry for that: it protects what is left of its own.
      else this.#listener.watch(leg, false);
    }
    for (const holding of holdings.all()) {
      const row = rowOf(holding, look.positions, venue.isHedging() === true, venue.ourSymbol);
      if (row !== undefined) this.#settle(holding, row, look.begun);
    }
  }

  #settle(holding: Holding, row: Mt5Position, begun: number): void {
    const guarded = this.#of(holding.id);
    if (begun <= guarded.moment || this.#setting.has(holding.id)) return;
    // Deals are still to come, and what they belong to may have brought levels of its own.
    const isExplained = signedVolume(row).equals(holding.volume) || holding.unexplained >= ABSENT_LOOKS;
    if (!isExplained || row.side !== sideOf(holding)) return;
    const isLate = this.#context.venue.clock.now() < guarded.lateUntil;
    for (const role of STOP_ROLES) this.#judge(holding, guarded[role], role, row[role], isLate);
    this.#settleOthers(holding, row);
    this.#converge(holding, guarded, row);
  }

  /** Is what the venue shows what we want, what we know, or what somebody else has done? */
  #judge(holding: Holding, level: Level, role: StopRole, seen: Decimal | undefined, isLate: boolean): void {
    const leg = this.#leg(holding, role);
    const wanted = this.#wanted(holding, role);
    if (same(seen, wanted)) {
      setConfirmed(level, seen);
      if (!isLate) level.asked = [];
      delete level.released;
      this.#listener.agrees(holding.id, role);
    } else if (wasAsked(level, seen)) {
      // Somebody else's level went as one of ours took effect, such as that of a pending order that has filled.
      if (!same(seen, level.confirmed)) delete level.released;
      setConfirmed(level, seen);
    } else if (!same(seen, level.confirmed)) {
      setConfirmed(level, seen);
      level.asked = [];
      level.released = true;
      this.#listener.drifted({ holding, role, legs: this.#drifted(holding, role, seen), wanted, seen });
    } else if (level.released === true)
      this.#listener.stillDrifted({ holding, role, legs: this.#drifted(holding, role, seen), wanted, seen });
    // Once it has been taken over it is ours again.
    if (level.released === true && same(seen, this.#wanted(holding, role))) delete level.released;
    // It may have gone with the difference.
    if (leg === undefined || this.#leg(holding, role) !== leg) return;
    if (leg.cancel !== undefined && !same(seen, this.#levelOf(leg))) this.#listener.cleared(leg);
    else this.#watchLeg(leg, level);
  }

  /** Legs that share a netting account's position with those of other entries: the venue holds the farthest stop at most. */
  #settleOthers(holding: Holding, row: Mt5Position): void {
    for (const leg of this.#context.records.legs(holding.symbol)) {
      const role = roleOf(leg);
      if (this.holdingOf(leg) !== holding || this.#leg(holding, role) === leg) continue;
      const level = this.#levelOf(leg);
      const isCommon = same(level, this.#wanted(holding, role));
      // The level of one that is taken back may stay for the sake of another.
      if (leg.cancel !== undefined && (isCommon || !same(row[role], level))) this.#listener.cleared(leg);
      else this.#listener.watch(leg, isCommon && same(this.#of(holding.id)[role].confirmed, level));
    }
  }

  #watchLeg(leg: OrderRecord, level: Level): void {
    this.#listener.watch(leg, leg.order.price !== undefined && same(level.confirmed, this.#levelOf(leg)));
  }

  /** Asks for what is wanted. */
  #converge(holding: Holding, guarded: Guarded, row: Mt5Position): void {
    const target = this.#toAsk(holding, guarded, row);
    if (target === undefined) {
      if (this.#context.venue.clock.now() >= guarded.retryAt) guarded.attempts = 0;
      return;
    }
    for (const role of STOP_ROLES) ask(guarded[role], target[role]);
    guarded.attempts += 1;
    this.#setting.add(holding.id);
    this.#context.send({ kind: 'setStops', ticket: holding.ticket, position: holding.id, stops: target });
  }

  /** What is wanted other than what is there, as far as the venue would take it now. */
  #toAsk(holding: Holding, guarded: Guarded, row: Mt5Position): Stops | undefined {
    const { venue, records } = this.#context;
    const { id } = holding;
    const isBusy = this.#setting.has(id) || records.isClosing(id) || venue.clock.now() < guarded.retryAt;
    if (isBusy || !venue.isOpen()) return undefined;
    const target = { sl: this.#target(holding, guarded, row, 'sl'), tp: this.#target(holding, guarded, row, 'tp') };
    return same(target.sl, row.sl) && same(target.tp, row.tp) ? undefined : target;
  }

  #target(holding: Holding, guarded: Guarded, row: Mt5Position, role: StopRole): Decimal | undefined {
    const wanted = this.#wanted(holding, role);
    if (guarded[role].released === true || same(wanted, row[role])) return row[role];
    if (wanted === undefined) return undefined;
    const { venue } = this.#context;
    const terms = venue.terms(holding.symbol);
    const quote = venue.quote(holding.symbol);
    if (terms === undefined || quote === undefined) return row[role];
    return maySet(terms, sideOf(holding), role, wanted, quote) ? wanted : row[role];
  }

  /** What the venue shall hold. A netting account has one level for all entries: those of one alone, or their farthest stop. */
  #wanted(holding: Holding, role: StopRole): Decimal | undefined {
    const leg = this.#leg(holding, role);
    if (leg === undefined && role === 'sl')
      return commonStop(holding, this.#sharedStops(holding), (stop) => this.#levelOf(stop));
    return leg === undefined || leg.cancel !== undefined ? undefined : this.#levelOf(leg);
  }

  /** What differs from what is seen of it, where the venue's word counts. */
  #drifted(holding: Holding, role: StopRole, seen: Decimal | undefined): readonly OrderRecord[] {
    const leg = this.#leg(holding, role);
    const shared = role === 'sl' ? this.#sharedStops(holding) : [];
    const legs = leg === undefined ? movedWithCommon(holding, shared, (stop) => this.#levelOf(stop), seen) : [leg];
    return legs.filter(({ order, cancel }) => cancel === undefined && !same(order.price, seen));
  }

  /** The stops of all entries that a netting account's position is made of. */
  #sharedStops({ symbol }: Holding): readonly OrderRecord[] {
    const { records, venue } = this.#context;
    return venue.isHedging() === false ? records.legs(symbol).filter(isStopInForce) : [];
  }

  #levelOf({ order }: OrderRecord): Decimal | undefined {
    const terms = this.#context.venue.terms(order.symbol);
    return order.price === undefined || terms === undefined ? order.price : onGrid(terms, order.price);
  }

  #leg(holding: Holding, role: StopRole): OrderRecord | undefined {
    const { records } = this.#context;
    const { symbol, entryId, volume } = holding;
    if (entryId !== undefined) return records.leg(symbol, LEG_ROLE[role], entryId);
    // One that is taken back is in nobody's way.
    const wanted = records.legs(symbol).filter(({ cancel }) => cancel === undefined);
    const entries = new Set(wanted.map(({ order }) => order.protects!.entryId));
    const [leg, other] = wanted.filter(({ order }) => order.protects!.role === LEG_ROLE[role]);
    return entries.size === 1 && other === undefined && leg?.qty.equals(volume.abs()) === true ? leg : undefined;
  }

  save(): readonly Guarded[] {
    return [...this.#guarded.values()].map((guarded) => ({ ...guarded, sl: { ...guarded.sl }, tp: { ...guarded.tp } }));
  }

  restore(guarded: readonly Guarded[]): void {
    for (const one of guarded) this.#guarded.set(one.position, { ...one, moment: 0 });
  }

  #of(position: number): Guarded {
    let guarded = this.#guarded.get(position);
    if (guarded === undefined) {
      guarded = { position, sl: { asked: [] }, tp: { asked: [] }, moment: 0, retryAt: 0, attempts: 0, lateUntil: 0 };
      this.#guarded.set(position, guarded);
    }
    return guarded;
  }
}

const isStopInForce = ({ order, cancel }: OrderRecord): boolean =>
  order.protects!.role === 'stopLoss' && cancel === undefined;

export const roleOf = ({ order }: OrderRecord): StopRole => (order.protects!.role === 'stopLoss' ? 'sl' : 'tp');

const same = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.equals(b);

function ask(level: Level, wanted: Decimal | undefined): void {
  const others = level.asked.filter((one) => !same(one ?? undefined, wanted));
  level.asked = [...others, wanted ?? null].slice(-ASKED_KEPT);
}

const wasAsked = ({ asked }: Level, seen: Decimal | undefined): boolean =>
  asked.some((one) => same(one ?? undefined, seen));

function setConfirmed(level: Level, seen: Decimal | undefined): void {
  if (seen === undefined) delete level.confirmed;
  else level.confirmed = seen;
}
