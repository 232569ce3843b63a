/**
 * The process of a twin: a whole daemon on a paper venue, in a directory that is its own, and for a drill of
 * the gateway on a simulated MT5 gateway too. It ends with the drill that began it, and takes the directory
 * with it, also when the drill was killed.
 *
 * Arguments: the directory, the seed of the synthetic market, where the target trades.
 */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createApp, type App } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import type { RawConfig } from '../config/schema.ts';
import type { Config } from '../config/types.ts';
import { asQktError } from '../errors.ts';
import { FaultyDisk, JumpingClock } from './faulty-machine.ts';
import type { FromTwin, ToTwin } from './protocol.ts';
import { SYMBOLS } from './strategies.ts';
import { TwinGateway } from './twin-gateway.ts';

/** Beside the ports of daemons that trade; one that is taken is skipped. */
const PORTS = '47110-47999';
const VENUE = 'paper';

const [directory = '', seed = '1', targetVenue = 'paper'] = process.argv.slice(2);
const clock = new JumpingClock();
const gateway = targetVenue === 'mt5' ? new TwinGateway(directory, seed) : undefined;
const disk = new FaultyDisk(join(directory, 'state', 'journal'));

/** A drill that was killed hears nothing more: that must not end this process before it has left. */
const tell = (message: FromTwin): void => void process.send?.(message, () => undefined);

/** In lots, as the simulator's broker has them; its market never closes. */
const LOTS = { volumeMin: 0.01, volumeStep: 0.01, session: '24x7' };
const GATEWAY_INSTRUMENTS = {
  XAUUSD: { contractSize: 100, tickSize: 0.001, ...LOTS },
  EURUSD: { contractSize: 100_000, tickSize: 0.00001, ...LOTS },
};

function configOf(): Promise<{ readonly config: Config }> {
  const instrument = { tickSize: 0.001, volumeMin: 1, volumeStep: 1, base: 'TWIN', quote: 'USD', spread: 0.002 };
  const flags: RawConfig = {
    venues: {
      [VENUE]: { type: 'paper', feed: 'synthetic', seed: Number(seed) },
      ...(gateway !== undefined && { mt5: { type: 'mt5', profile: 'exness', gatewayUrl: gateway.url } }),
    },
    instruments: {
      ...Object.fromEntries(SYMBOLS.map((symbol) => [symbol, instrument])),
      ...(gateway !== undefined && GATEWAY_INSTRUMENTS),
    },
    http: { controlPort: 0, portPool: PORTS },
    logging: { format: 'json' },
    // A drill does not last as long as an operator is left alone with these.
    alerts: { rules: { gateway_down: { for: '2s' }, stale_feed: { for: '2s' } } },
  };
  return loadConfig({ env: {}, cwd: directory, flags });
}

async function apply(app: App, message: ToTwin): Promise<void> {
  const venue = app.faults(VENUE);
  switch (message.kind) {
    case 'feed':
      venue.silence(message.symbol, message.silent);
      break;
    case 'gateway':
      await (message.alive ? gateway?.start() : gateway?.kill());
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
function leave(): never {
  // Other threads go on writing: under the old name they find no directory to put a file in.
  const leaving = `${directory}.leaving`;
  renameSync(directory, leaving);
  rmSync(leaving, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}
process.on('disconnect', leave);
// The drill may have been killed while this was being loaded.
if (!process.connected) leave();
// A Ctrl-C at the terminal reaches this process as well: the drill ends it in its own time.
process.on('SIGINT', () => {});

try {
  await gateway?.start();
  const { config } = await configOf();
  const app = createApp({ config, stateDir: join(directory, 'state'), clock, disk });
  await app.start();
  app.openMarkets();
  process.on('message', (message: ToTwin) => {
    void apply(app, message).then(() => tell({ kind: 'done' }));
  });
  tell({ kind: 'ready', controlPort: Number(new URL(app.controlUrl).port) });
} catch (error) {
  tell({ kind: 'failed', message: asQktError(error).message });
}
