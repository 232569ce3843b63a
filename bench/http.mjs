/**
 * Answers per second and their latency, at 1 and at 100 strategies that work through 10 000 ticks a
 * second in all, against a bare Fastify route of the same process that sends a stored body of the same
 * size and type. Client and daemon are processes of their own.
 */
import { startChild } from './child.mjs';
import { withDirectory } from './host.mjs';
import { comparePairs, percentilesOf } from './statistics.mjs';

const COUNTS = [1, 100];
const TICKS_PER_SECOND = 10_000;
const CONNECTIONS = 10;
const ROUND_MS = 300;
/** Of a path before it is measured, until its code has been compiled. */
const WARM_UP_MS = 1000;
const PATHS = ['/status', '/health', '/events?limit=100'];

export const http = {
  title: (pairs) =>
    `${CONNECTIONS} connections, ${TICKS_PER_SECOND} ticks a second in all, in threads (medians of ${pairs} interleaved pairs of ${ROUND_MS} ms, least to most)`,
  columns: [
    ['STRATEGIES', 'count', 'whole'],
    ['PATH', 'path', 'text'],
    ['BYTES', 'size', 'whole'],
    ['ANSWERS/S', 'perSecond', 'spread'],
    ['BARE ROUTE/S', 'bare', 'middle'],
    ['OF BARE', 'ratio', 'ratio'],
    ['P99', 'p99', 'milli'],
    ['P99 BARE', 'bareP99', 'milli'],
    ['CLIENT BUSY', 'clientBusy', 'percent'],
  ],
  async run({ pairs, told }) {
    const rows = [];
    for (const count of COUNTS) {
      told(`${count} strategies`);
      rows.push(...(await withDirectory((directory) => measure({ directory, count, pairs, told }))));
    }
    return rows;
  },
};

async function measure({ directory, count, pairs, told }) {
  const daemon = await startChild('daemon-child.mjs', { directory, count, isolation: 'worker' });
  const client = await startChild('http-client.mjs', {});
  try {
    daemon.tell('tick', { perSecond: TICKS_PER_SECOND / count });
    const rows = [];
    for (const path of PATHS) {
      told(`${count} strategies, ${path}`);
      rows.push({ count, path, ...(await compare({ daemon, client, path, pairs })) });
    }
    return rows;
  } finally {
    await client.end();
    await daemon.end();
  }
}

/** Ten of the strategies at a time, on their own ports; the next ten in the next round. */
async function compare({ daemon, client, path, pairs }) {
  const { ports } = daemon.ready;
  const stored = await fetch(`http://127.0.0.1:${ports[0]}${path}`);
  const body = await stored.text();
  const port = await daemon.ask('bare', { path, body, type: stored.headers.get('content-type') });
  const [latencies, bareLatencies, busy] = [[], [], []];
  const ask = async (round, taken, asked) => {
    const answer = await client.ask('load', { ...asked, ms: ROUND_MS });
    if (round > 0) taken.push(...answer.latencies);
    if (round > 0) busy.push(answer.busy);
    return (answer.latencies.length / answer.ms) * 1000;
  };
  const bare = Array.from({ length: CONNECTIONS }, () => port);
  for (const warmed of [some(ports, 0), bare]) await client.ask('load', { path, ports: warmed, ms: WARM_UP_MS });
  const { first, second, ratio } = await comparePairs(
    pairs,
    (round) => ask(round, latencies, { path, ports: some(ports, round) }),
    (round) => ask(round, bareLatencies, { path, ports: bare }),
  );
  return {
    size: Buffer.byteLength(body),
    perSecond: first,
    bare: second,
    ratio,
    p99: percentilesOf(latencies).p99,
    bareP99: percentilesOf(bareLatencies).p99,
    clientBusy: Math.max(...busy),
  };
}

const some = (ports, round) =>
  Array.from({ length: CONNECTIONS }, (_, index) => ports[(round * CONNECTIONS + index) % ports.length]);
