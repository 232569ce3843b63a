/** A request on its way to its route and back: what stands before it, and which faults meet it. */
import {
  connectionError,
  internalError,
  keyInProgress,
  killed,
  mt5Unavailable,
  Refused,
  type Answer,
} from './answers.ts';
import { Stopped, type Gateway } from './gateway.ts';
import type { Call, Route } from './route.ts';

/** The connection ends without an answer. */
export const CUT: unique symbol = Symbol('cut');

export async function respond(
  route: Route,
  call: () => Call,
  gateway: Gateway,
  label: string,
): Promise<Answer | typeof CUT> {
  const { faults } = gateway;
  if (faults.hit('reset-not-executed', label) !== undefined) return CUT;
  try {
    const answer = await answered(route, call, gateway, label);
    const lateMs = faults.hit('slow-reply', label);
    if (typeof lateMs === 'number') await gateway.pause(lateMs);
    return faults.hit('reset-executed', label) === undefined ? answer : CUT;
  } catch (error) {
    if (error instanceof Stopped) return CUT;
    throw error;
  }
}

async function answered(route: Route, call: () => Call, gateway: Gateway, label: string): Promise<Answer> {
  try {
    await stopBefore(route, gateway, label);
    const answer = await route.handle(call(), gateway);
    if (gateway.faults.hit('in-progress-executed', label) !== undefined) throw keyInProgress();
    return answer;
  } catch (error) {
    if (error instanceof Stopped) throw error;
    if (error instanceof Refused) return error.answer;
    return internalError(label, error instanceof Error ? error.message : String(error)).answer;
  }
}

/** @throws Refused for what does not come through */
async function stopBefore(route: Route, gateway: Gateway, label: string): Promise<void> {
  const { faults } = gateway;
  if (faults.hit('unavailable', label) !== undefined) throw mt5Unavailable('disconnected');
  if (route.withoutMt5 !== true && !(await gateway.reconnects())) throw mt5Unavailable(gateway.mt5Status);
  if (faults.hit('internal-error', label) !== undefined) throw internalError(label, 'simulated');
  if (route.killable === true && gateway.isKilled()) throw killed();
  if (faults.hit('connection-error', label) !== undefined) throw connectionError(label);
}
