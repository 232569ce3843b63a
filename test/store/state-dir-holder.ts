/** A daemon reduced to its state directory: takes it, says so, and stays until it is killed. */
import { WallClock } from '../../src/clock.ts';
import { QktError } from '../../src/errors.ts';
import { openStateDir } from '../../src/store/state-dir.ts';

try {
  const state = await openStateDir(process.argv[2]!, new WallClock());
  state.writeControlPort(49_999);
  process.stdout.write('held\n');
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`${error instanceof QktError ? `${error.code} ${error.message}` : String(error)}\n`);
}
