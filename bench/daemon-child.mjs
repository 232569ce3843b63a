/**
 * A process of its own with a daemon in it, for what must not share a process with who measures it.
 * Started by `fork` with the options of `openHost` as JSON; it tells when it is ready and obeys the
 * messages below.
 *
 * | message   | what it does                                          | its answer                     |
 * |-----------|-------------------------------------------------------|--------------------------------|
 * | `tick`    | hands over quotes at `perSecond` until told otherwise | none                           |
 * | `memory`  | nothing                                               | resident set in bytes          |
 * | `cpu`     | nothing                                               | CPU milliseconds so far        |
 * | `bare`    | opens a bare Fastify route with `body` of `type`      | its port                       |
 * | `end`     | stops in order                                        | none; the process ends         |
 */
import { fastify } from 'fastify';
import { openHost, replayConfig, until } from './host.mjs';
import { tickSeries } from './market-data.mjs';

/** How often quotes are handed over, in milliseconds: bursts, as feeds have them. */
const BURST_MS = 10;

const { directory, count, isolation } = JSON.parse(process.argv[2]);
const config = await replayConfig(directory, { speed: 1_000_000 });
const begun = performance.now();
const host = await openHost({ directory, count, isolation, config });
const { app, names, hand } = host;
await until(() => names.every((name) => app.daemon.strategy(name).health().status === 'warming'));
process.send({
  deployedMs: performance.now() - begun,
  controlUrl: app.controlUrl,
  ports: names.map((name) => app.daemon.strategy(name).port()),
});

const series = tickSeries(config.instruments.get('EURUSD'));
const bare = [];
let timer;

const obey = {
  tick({ perSecond }) {
    clearInterval(timer);
    let owed = 0;
    let last = performance.now();
    if (perSecond === 0) return;
    timer = setInterval(() => {
      const now = performance.now();
      owed += ((now - last) / 1000) * perSecond;
      last = now;
      if (owed >= 1) hand(series.take(Math.floor(owed)));
      owed %= 1;
    }, BURST_MS);
  },
  memory() {
    return process.memoryUsage.rss();
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  async bare({ path, body, type }) {
    const server = fastify({ forceCloseConnections: true });
    bare.push(server);
    server.get(path.replace(/\?.*/, ''), (_request, reply) => reply.header('content-type', type).send(body));
    return Number(new URL(await server.listen({ port: 0, host: '127.0.0.1' })).port);
  },
  async end() {
    clearInterval(timer);
    await Promise.all(bare.map((server) => server.close()));
    await host.close();
    process.disconnect();
  },
};

process.on('message', ({ kind, ...rest }) => void answer(kind, rest));

async function answer(kind, options) {
  const result = await obey[kind](options);
  if (result !== undefined) process.send({ answer: result });
}
