/**
 * The process of a twin: a whole daemon on a paper venue, in a directory that is its own. It ends with
 * the drill that began it, and takes the directory with it, also when the drill was killed.
 *
 * Arguments: the directory, the seed of the synthetic market.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createApp, type App } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/types.ts';
import { asQktError } from '../errors.ts';
import { FaultyDisk, JumpingClock } from './faulty-machine.ts';
import type { FromTwin, ToTwin } from './protocol.ts';
import { SYMBOLS } from './strategies.ts';

/** Beside the ports of daemons that trade; one that is taken is skipped. */
const PORTS = '47110-47999';
const VENUE = 'paper';

const [directory = '', seed = '1'] = process.argv.slice(2);
const clock = new JumpingClock();
const disk = new FaultyDisk(join(directory, 'state', 'journal'));

const tell = (message: FromTwin): void => void process.send?.(message);

function configOf(): Promise<{ readonly config: Config }> {
  const instrument = { tickSize: 0.001, volumeMin: 1, volumeStep: 1, base: 'TWIN', quote: 'USD', spread: 0.002 };
  const flags = {
    venues: { [VENUE]: { type: 'paper', feed: 'synthetic', seed: Number(seed) } },
    instruments: Object.fromEntries(SYMBOLS.map((symbol) => [symbol, instrument])),
    http: { controlPort: 0, portPool: PORTS },
    logging: { format: 'json' },
  } as const;
  return loadConfig({ env: {}, cwd: directory, flags });
}

function apply(app: App, message: ToTwin): void {
  const venue = app.faults(VENUE);
  switch (message.kind) {
    case 'feed':
      venue.silence(message.symbol, message.silent);
      break;
    case 'gateway':
      venue.loseGateway(message.cause ?? undefined);
      break;
    case 'reject':
      venue.reject(message.share);
      break;
    case 'disk':
      disk.become(message.disk);
      break;
    case 'clock':
      clock.offsetMs = message.offsetMs;
  }
}

/** Nothing of a twin is worth keeping: no orderly end, which a held disk would keep waiting. */
process.on('disconnect', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
// A Ctrl-C at the terminal reaches this process as well: the drill ends it in its own time.
process.on('SIGINT', () => {});

try {
  const { config } = await configOf();
  const app = createApp({ config, stateDir: join(directory, 'state'), clock, disk });
  await app.start();
  app.openMarkets();
  process.on('message', (message: ToTwin) => {
    apply(app, message);
    tell({ kind: 'done' });
  });
  tell({ kind: 'ready', controlPort: Number(new URL(app.controlUrl).port) });
} catch (error) {
  tell({ kind: 'failed', message: asQktError(error).message });
}
