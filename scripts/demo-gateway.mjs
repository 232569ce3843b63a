/** The simulated MT5 gateway of `npm start`: gold on an account that is kept in the state directory. */
import { join } from 'node:path';
import { createMt5Simulator } from '../dist/mt5-sim/simulator.js';

/** The venue that `examples/gold-mt5.ts` trades on; its broker's profile has the same name. */
export const VENUE = 'exness';

/** A lot of gold is a hundred ounces there; the simulated market never closes. */
export const INSTRUMENTS = {
  GOLD: {
    contractSize: 100,
    tickSize: 0.001,
    volumeMin: 0.01,
    volumeStep: 0.01,
    base: 'XAU',
    quote: 'USD',
    session: '24x7',
    spread: 0.25,
  },
};

/** Listens on a free port. The account outlives it; `close` ends it. @throws QktError */
export async function startGateway(stateDir) {
  const simulator = await createMt5Simulator({
    profile: VENUE,
    symbols: ['XAUUSD'],
    commissionPerLot: 3.5,
    stateFile: join(stateDir, 'mt5-sim', 'account.ndjson'),
    killFile: join(stateDir, 'mt5-sim', 'kill-switch'),
  });
  const url = `http://127.0.0.1:${await simulator.listen(0)}`;
  const venue = { type: 'mt5', gatewayUrl: url, aliases: { GOLD: 'XAUUSD' } };
  return { url, config: { venues: { [VENUE]: venue }, instruments: INSTRUMENTS }, close: () => simulator.close() };
}
