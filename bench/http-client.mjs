/**
 * A process of its own that asks a server as fast as it answers: some connections that are kept
 * open, one request at a time on each. Plain sockets, so that the server is what is measured.
 *
 * | message | what it does                                     | its answer                                        |
 * |---------|--------------------------------------------------|---------------------------------------------------|
 * | `load`  | asks `path` on each of `ports` for `ms`           | latencies in ms, the time taken, size of an answer |
 * | `end`   | ends the process                                  | none                                              |
 */
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

/** One connection: `done` is told of every answer until the time is over. */
function connection(port, path, until, done) {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let left = 0;
    let size = 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    const begin = (chunk) => {
      const end = chunk.indexOf(HEAD_END);
      const head = chunk.toString('latin1', 0, end);
      const length = /content-length: (\d+)/i.exec(head);
      if (!head.startsWith('HTTP/1.1 200') || length === null) throw new Error(`${path}: ${head}`);
      size = Number(length[1]);
      return size - (chunk.length - end - HEAD_END.length);
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      try {
        left = left === 0 ? begin(chunk) : left - chunk.length;
      } catch (error) {
        socket.destroy();
        reject(error);
        return;
      }
      if (left > 0) return;
      const now = performance.now();
      done(now - sentAt);
      if (now < until) send();
      else socket.end(() => resolve(size));
    });
  });
}

async function load({ ports, path, ms }) {
  const latencies = [];
  const begun = performance.now();
  const before = performance.eventLoopUtilization();
  const sizes = await Promise.all(
    ports.map((port) => connection(port, path, begun + ms, (latency) => latencies.push(latency))),
  );
  const { utilization } = performance.eventLoopUtilization(before);
  return { latencies, ms: performance.now() - begun, size: sizes[0], busy: utilization };
}

process.on('message', ({ kind, ...options }) => {
  if (kind === 'end') process.disconnect();
  else void load(options).then((answer) => process.send({ answer }));
});
process.send({});
