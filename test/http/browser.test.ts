/** A page on another loopback port, in a real browser, against a control plane. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, serveControl } from './support.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function serve() {
  const served = await serveControl();
  served.daemon.events.say('private');
  return { ...served, base: `http://127.0.0.1:${served.port}` };
}

function expectUntouched({ daemon }: Awaited<ReturnType<typeof serve>>): void {
  expect(daemon.commands).toEqual([]);
  expect(daemon.strategies.get('ema-cross')!.stops).toEqual([]);
}

/** Calls a function of the page. */
const run = <T>(page: Page, name: string, ...args: readonly string[]): Promise<T> =>
  page.evaluate(`${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);

describe.skipIf(!existsSync(CHROMIUM))(
  'a web page on another loopback port (skipped where the Debian package chromium is not installed)',
  () => {
    let browser: Browser;
    let foreign: Server;
    let foreignBase: string;

    beforeAll(async () => {
      const page = readFileSync(new URL('foreign-page.html', import.meta.url));
      foreign = createServer((_request, response) => {
        response.setHeader('content-type', 'text/html; charset=utf-8');
        response.end(page);
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => foreign.once('listening', resolve));
      foreignBase = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    });
    afterAll(async () => {
      await browser?.close();
      foreign.closeAllConnections();
      foreign.close();
    });

    async function newPage(): Promise<Page> {
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      return context.newPage();
    }

    async function foreignPage(): Promise<Page> {
      const page = await newPage();
      await page.goto(foreignBase);
      return page;
    }

    it('can neither read nor command with fetch, in any mode, even with a token', async () => {
      const served = await serve();
      const results = await run<string[]>(await foreignPage(), 'tryFetches', served.base, served.token);
      expect(results).toHaveLength(8);
      for (const result of results) expect(result).toMatch(/^(refused|opaque )$/);
      expectUntouched(served);
    });

    it('can not command with sendBeacon or a form', async () => {
      const served = await serve();
      const page = await foreignPage();
      const answers: number[] = [];
      page.on('response', (response) => {
        if (response.url().startsWith(served.base)) answers.push(response.status());
      });
      await run(page, 'sendBeacons', served.base);
      for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
        const before = answers.length;
        await run(page, 'submitForm', served.base, enctype);
        await eventually(() => answers.length > before);
        await page.waitForURL(`${served.base}/**`);
        await page.goto(foreignBase);
      }
      expect(new Set(answers)).toEqual(new Set([403]));
      expectUntouched(served);
    });

    it('reads nothing through EventSource, images, scripts, styles or frames', async () => {
      const served = await serve();
      const page = await foreignPage();
      expect(await run(page, 'tryLoading', served.base)).toEqual(['error', 'error', 'error', 'error']);
      const framed = page.waitForResponse((response) => response.url().startsWith(served.base));
      await run(page, 'embed', served.base);
      expect((await framed).status()).toBe(403);
      expectUntouched(served);
    });

    it('gets nowhere by sending the browser to the daemon', async () => {
      const served = await serve();
      const page = await foreignPage();
      const arrived = page.waitForResponse((response) => response.url().startsWith(served.base));
      await run(page, 'leaveFor', served.base);
      const answer = await arrived;
      expect(answer.status()).toBe(403);
      expect(await answer.text()).not.toContain('ema-cross');
      expectUntouched(served);
    });

    it('under a name that was rebound to loopback is refused by its Host', async () => {
      const served = await serve();
      const args = [...ARGS, '--host-resolver-rules=MAP rebound.example 127.0.0.1'];
      const rebound = await chromium.launch({ executablePath: CHROMIUM, args });
      onTestFinished(() => rebound.close());
      const page = await rebound.newPage();
      const base = `http://rebound.example:${served.port}`;
      expect((await page.goto(`${base}/daemon/list`))!.status()).toBe(421);
      const stop = `fetch('/daemon/strategies/ema-cross/stop', { method: 'POST' }).then(({ status }) => status)`;
      expect(await page.evaluate(stop)).toBe(421);
      expectUntouched(served);
    });

    it('is not a person, who may open the address and read', async () => {
      const served = await serve();
      const answer = await (await newPage()).goto(`${served.base}/daemon/list`);
      expect(answer!.status()).toBe(200);
      expect(await answer!.text()).toContain('ema-cross');
    });
  },
);
