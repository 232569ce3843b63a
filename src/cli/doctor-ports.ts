/** `qkt doctor`: whether the daemon would get its ports. Each is really listened on for a moment. */
import { createServer } from 'node:net';
import type { Config } from '../config/types.ts';
import { isLoopback, listenAddress } from '../http/bind.ts';
import { fail, warn, well, type Ailment } from './doctor-findings.ts';

/** Fewer free ports than this are soon none. */
const FEW = 5;
/** So many are enough to know. */
const ENOUGH = 20;

type Http = Config['http'];

/** @param runs a daemon of this state directory runs, and holds its ports itself */
export async function portFindings(http: Http, runs: boolean): Promise<readonly Ailment[]> {
  const address = await addressFinding(http);
  if (address.verdict === 'fail') return [address];
  return [address, await controlFinding(http, runs), await poolFinding(http)];
}

async function addressFinding({ bind }: Http): Promise<Ailment> {
  const error = await tryListen(0, bind);
  if (error !== undefined)
    return fail('bind address', `${bind}: ${error.message}`, 'qkt config check # then correct http.bind');
  if (isLoopback(bind)) return well('bind address', bind);
  return warn(
    'bind address',
    `${bind}: other machines reach it; refused without --expose`,
    'qkt daemon start --expose',
  );
}

async function controlFinding({ bind, controlPort }: Http, runs: boolean): Promise<Ailment> {
  const check = 'control port';
  if (runs) return well(check, 'held by this daemon');
  if (controlPort === 0) return well(check, 'any free one');
  const error = await tryListen(controlPort, bind);
  if (error === undefined) return well(check, `${controlPort} is free`);
  const why = error.code === 'EADDRINUSE' ? 'is held by another program' : `cannot be had: ${error.message}`;
  return fail(check, `${controlPort} ${why}`, `ss -ltnp 'sport = :${controlPort}'`);
}

async function poolFinding({ bind, portPool: { from, to } }: Http): Promise<Ailment> {
  let free = 0;
  let port = from;
  for (; port <= to && free < ENOUGH; port++) if ((await tryListen(port, bind)) === undefined) free += 1;
  const all = to - from + 1;
  const figure = `${free < ENOUGH ? free : `${ENOUGH} or more`} of ${from}-${to} free`;
  const mend = `ss -ltnp 'sport >= :${from} and sport <= :${to}'`;
  if (free === 0) return fail('port pool', `none of ${from}-${to} is free`, mend);
  return free < Math.min(FEW, all) ? warn('port pool', figure, mend) : well('port pool', figure);
}

/** @returns why the port cannot be had; undefined when it can */
function tryListen(port: number, bind: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error));
    server.listen({ port, host: listenAddress(bind), exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
