/** Ordinary clients on a real server: the example of docs/events.md with `fetch`, curl and jq, a browser's EventSource. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { eventually, serveStrategy } from '../http/support.ts';
import type { Item } from './reader.ts';

const CHROMIUM = '/usr/bin/chromium';
const installed = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

type ReadEvents = (url: string, cursor: number, take: (event: Item) => void, signal: AbortSignal) => Promise<number>;

/** The example, as it stands in the document. */
async function example(): Promise<ReadEvents> {
  const text = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(text)![1]!;
  const module = `data:text/javascript,${encodeURIComponent(`export ${code.slice(code.indexOf('async function'))}`)}`;
  const { readEvents } = (await import(/* @vite-ignore */ module)) as { readEvents: ReadEvents };
  return readEvents;
}

/** A way to a server that a test can cut: what is asked for here is asked for there. */
async function breakable(port: number) {
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, host: `127.0.0.1:${port}` };
    const onward = request({ host: '127.0.0.1', port, path: asked.url!, headers, agent: false }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      answer.flushHeaders();
      answered.on('error', () => answer.destroy()).pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    onward.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => server.closeAllConnections();
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cut };
}

it('the example with fetch reads every event once, over cuts', async () => {
  const { port, strategy } = await serveStrategy();
  const way = await breakable(port);
  const readEvents = await example();
  const seen: number[] = [];
  const ending = new AbortController();
  for (const detail of 'abc') strategy.events.say(detail);
  const take = ({ seq }: Item): void => void seen.push(seq!);
  const reading = readEvents(`http://127.0.0.1:${way.port}/events`, 0, take, ending.signal);
  await eventually(() => seen.length === 3);
  way.cut();
  for (const detail of 'de') strategy.events.say(detail);
  await eventually(() => seen.length === 5);
  ending.abort();
  expect(await reading).toBe(5);
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

it.skipIf(!installed('curl') || !installed('jq'))(
  'curl -N and jq show events as they come (skipped where curl or jq is not installed)',
  async () => {
    const { port, strategy } = await serveStrategy();
    const url = `http://127.0.0.1:${port}/events?follow=true&since=0`;
    const shell = spawn('sh', ['-c', `curl -sN '${url}' | jq --unbuffered -c '[.seq, .detail]'`]);
    onTestFinished(() => void shell.kill());
    let out = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    strategy.events.say('first');
    await eventually(() => out === '[1,"first"]\n');
    strategy.events.say('second');
    await eventually(() => out === '[1,"first"]\n[2,"second"]\n');
  },
);

it.skipIf(!existsSync(CHROMIUM))(
  'EventSource in a browser gets every event once, over cuts (skipped where the Debian package chromium is not installed)',
  { timeout: 60_000 },
  async () => {
    const { port, strategy } = await serveStrategy();
    const way = await breakable(port);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${way.port}/status`);
    await page.evaluate(`
      window.seen = [];
      window.source = new EventSource('/events?since=0');
      source.onmessage = ({ data, lastEventId }) => seen.push([JSON.parse(data).seq, lastEventId]);
    `);
    const seen = (): Promise<unknown> => page.evaluate('seen');
    const until = async (count: number): Promise<void> => {
      await page.waitForFunction(`seen.length >= ${count}`, undefined, { timeout: 20_000 });
    };
    for (const detail of 'abc') strategy.events.say(detail);
    await until(3);
    way.cut();
    for (const detail of 'de') strategy.events.say(detail);
    await until(5);
    expect(await seen()).toEqual([1, 2, 3, 4, 5].map((seq) => [seq, String(seq)]));
  },
);
