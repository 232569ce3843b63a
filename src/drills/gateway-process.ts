/**
 * The process of a twin's gateway: an MT5 gateway simulator that can be killed at any moment. It ends with the twin.
 *
 * Arguments: the port (0: any that is free), the seed of its market, the file that keeps its account.
 */
import { createMt5Simulator } from '../mt5-sim/simulator.ts';
import { GATEWAY_SYMBOLS } from './strategies.ts';

process.on('disconnect', () => process.exit(0));
// A Ctrl-C at the terminal reaches this process as well: the drill ends it in its own time.
process.on('SIGINT', () => {});

const [port, seed, stateFile = ''] = process.argv.slice(2);
const simulator = await createMt5Simulator({
  seed: Number(seed),
  stateFile,
  symbols: GATEWAY_SYMBOLS,
  balance: 1_000_000,
});
process.send?.(await simulator.listen(Number(port)));
