/** The dashboard in a real Chromium, with all that the browser complains of. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, vi } from 'vitest';
import { call } from '../http/support.ts';

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

/** How long a page may take to show what has happened, on a machine with much else to do. */
export const PATIENCE_MS = 15_000;

export interface Served {
  readonly port: number;
  readonly token: string;
}

export interface ViewOptions {
  /** Where in the page, such as `#/s/ema-cross`. */
  readonly at?: string;
  /** Of the link's token; null for an address without a link. */
  readonly link?: 'full' | 'read' | null;
  readonly width?: number;
  readonly dark?: boolean;
}

export interface View {
  readonly page: Page;
  /** Errors of the console, refusals of the policy, faults of the page. */
  readonly complaints: string[];
  /** Addresses that are not the daemon's. */
  readonly foreign: string[];
  /** Waits until the text can be seen. */
  readonly sees: (text: string | RegExp) => Promise<void>;
}

let browser: Browser;

/** Tests with a browser; they say that they are skipped where there is none. */
export function describeInChromium(title: string, tests: () => void): void {
  // A browser starts slowly where there is much else to do.
  vi.setConfig({ testTimeout: 60_000 });
  describe.skipIf(!existsSync(CHROMIUM))(
    `${title} (skipped where the Debian package chromium is not installed)`,
    () => {
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
      });
      afterAll(() => browser?.close());
      tests();
    },
  );
}

/** The address of a link that opens one session. */
export async function linkTo({ port, token }: Served, readOnly = false): Promise<string> {
  const answer = await call(port, '/daemon/dashboard/links', { method: 'POST', token, body: { readOnly } });
  expect(answer.status).toBe(201);
  return `http://127.0.0.1:${port}/#link=${answer.json()['code'] as string}`;
}

export async function view(served: Served, options: ViewOptions = {}): Promise<View> {
  const { at, link = 'full', width = 1280, dark = false } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const base = `http://127.0.0.1:${served.port}`;
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${base}/`)) foreign.push(request.url());
  });
  await page.goto(link === null ? `${base}/` : await linkTo(served, link === 'read'));
  await page.locator('main table, main .empty').first().waitFor();
  if (at !== undefined) await page.evaluate(`location.hash = ${JSON.stringify(at)}`);
  return {
    page,
    complaints,
    foreign,
    sees: (text) => page.getByText(text).first().waitFor(),
  };
}
