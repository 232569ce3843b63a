/** What other hands do after an order: the faults that are an act on the account, each some time later. */
import { Decimal } from '../domain/decimal.ts';
import type { FaultBoard } from '../venues/mt5-sim/fault-board.ts';
import type { FaultName } from '../venues/mt5-sim/faults.ts';
import type { Terminal } from '../venues/mt5-sim/terminal.ts';
import type { DealRequest, Filling, SymbolTerms, TradeRequest, TradeResult } from '../venues/mt5-sim/types.ts';

interface Act {
  readonly afterMs: number;
  readonly act: () => void;
}

interface Placed {
  readonly request: TradeRequest;
  readonly result: TradeResult;
  readonly route: string;
}

/** What is to follow on an order that was executed. */
export function actsByHand(terminal: Terminal, faults: FaultBoard, { request, result, route }: Placed): readonly Act[] {
  const acts: Act[] = [];
  const expect = (name: FaultName, act: () => void): void => {
    const afterMs = faults.hit(name, route);
    if (typeof afterMs === 'number') acts.push({ afterMs, act });
  };
  if (request.action === 'pending') expect('pending-cancelled', () => terminal.cancelByHand(result.order));
  if (request.action !== 'deal' || request.position !== undefined) return acts;
  const ticket = positionOf(terminal, request, result);
  expect('sl-removed', () => terminal.setStopsByHand(ticket, { sl: Decimal.ZERO }));
  expect('manual-close', () => terminal.closeByHand(ticket));
  expect('foreign-magic', () => terminal.send(foreign(terminal, request)));
  return acts;
}

function positionOf(terminal: Terminal, { symbol }: DealRequest, { order }: TradeResult): number {
  if (terminal.account.mode === 'hedging') return order;
  return terminal.positions.onSymbol(symbol)?.ticket ?? order;
}

/** The smallest order of another client that uses the same magic. */
function foreign(terminal: Terminal, { symbol, type, magic }: DealRequest): DealRequest {
  const terms = terminal.symbols.get(symbol)!;
  const volume = terms.volumeMin;
  return { action: 'deal', symbol, type, magic, volume, filling: usualFilling(terms), comment: 'other-client' };
}

/** How orders are filled where nothing is said. */
export const usualFilling = ({ fillingMode }: SymbolTerms): Filling =>
  (fillingMode & 2) !== 0 ? 'IOC' : (fillingMode & 1) !== 0 ? 'FOK' : 'RETURN';
