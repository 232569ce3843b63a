/**
 * A process of its own with everybody who looks at a daemon: a follower of the events of every
 * strategy, and pollers of `/status` and `/health` that go round the strategies.
 *
 * | message | what it does                  | its answer                    |
 * |---------|-------------------------------|-------------------------------|
 * | `poll`  | polls `perSecond` times       | none                          |
 * | `read`  | nothing                       | bytes and answers since before |
 * | `end`   | hangs up; the process ends    | none                          |
 */
import { Agent, get } from 'node:http';

const { ports } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true });
let bytes = 0;
let answers = 0;
let timer;
let turn = 0;

function request(port, path, onEnd = () => {}) {
  const { pathname, search } = new URL(path, 'http://x');
  const options = { host: '127.0.0.1', port, path: pathname + search, ...(path.includes('follow') ? {} : { agent }) };
  return get(options, (response) => {
    response.on('data', (chunk) => (bytes += chunk.length));
    response.on('end', onEnd);
    response.on('error', () => {});
  }).on('error', () => {});
}

const streams = ports.map((port) => request(port, '/events?follow=true'));

const obey = {
  poll({ perSecond }) {
    clearInterval(timer);
    if (perSecond === 0) return;
    timer = setInterval(() => {
      turn += 1;
      const port = ports[(turn >> 1) % ports.length];
      request(port, turn % 2 === 0 ? '/status' : '/health', () => (answers += 1));
    }, 1000 / perSecond);
  },
  read() {
    process.send({ answer: { bytes, answers } });
    bytes = 0;
    answers = 0;
  },
  end() {
    clearInterval(timer);
    for (const stream of streams) stream.destroy();
    agent.destroy();
    process.disconnect();
  },
};

process.on('message', ({ kind, ...options }) => obey[kind](options));
process.send({ following: streams.length });
