/** The channels over real sockets: what they send, and what becomes of a receiver that fails in any of the ways that there are. */
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Notification } from '../../src/alerts/notification.ts';
import { NO_ALERT_SETTINGS, type ChannelConfig } from '../../src/alerts/settings.ts';
import { NoAlertMemory } from '../../src/actors/alerts/alert-memory.ts';
import { openNotifier } from '../../src/actors/alerts/open-notifier.ts';
import { WallClock } from '../../src/clock.ts';
import type { AlertView } from '../../src/domain/alerts.ts';
import { dec } from '../../src/domain/decimal.ts';
import { AlertReceiver } from '../doubles/alert-receiver.ts';
import { poll } from '../doubles/daemon.ts';
import { SmtpServer } from '../doubles/smtp-server.ts';

const SECRET = 'a-very-secret-token-4711';

const alert: AlertView = {
  id: 'strategy_halted',
  key: 'strategy_halted:ema-cross',
  severity: 'P1',
  state: 'firing',
  strategy: 'ema-cross',
  target: 'ema-cross',
  summary: 'ema-cross is halted: drawdown <5 %> & more',
  since: '2026-11-22T07:28:33.123Z',
  firingSince: '2026-11-22T07:28:33.123Z',
  resolvedAt: null,
  measured: dec('0.0501'),
  limit: dec('0.05'),
  inputs: {},
  trades: [],
  events: [],
  runbook: 'docs/runbooks/strategy_halted.md',
  command: 'qkt resume ema-cross --dry-run',
  acknowledged: null,
  silencedBy: null,
  inhibitedBy: null,
  notifiedAt: null,
};
const message: Omit<Notification, 'id' | 'at'> = {
  alert: 'strategy_halted',
  severity: 'P1',
  status: 'firing',
  isRepeat: false,
  alerts: [alert],
};

/** A notifier with these channels, tried in this order. */
function notifier(...channels: readonly ChannelConfig[]) {
  const said: string[] = [];
  const say = (line: string, fields?: object): void => void said.push(`${line} ${JSON.stringify(fields ?? {})}`);
  const opened = openNotifier({
    clock: new WallClock(),
    memory: new NoAlertMemory(),
    settings: {
      ...NO_ALERT_SETTINGS,
      channels: new Map(channels.map((channel) => [channel.name, channel])),
      routes: { P1: channels.map(({ name }) => name), P2: [], P3: [] },
    },
    log: { error: say, warn: say, info: say },
    learned: () => undefined,
    onFault: ({ error }) => say(`fault: ${error.message}`),
  });
  onTestFinished(() => opened.close());
  return {
    notifier: opened,
    said,
    view: (name: string) => opened.channels().find((channel) => channel.name === name)!,
  };
}

const hook = (name: string, url: string): ChannelConfig => ({ type: 'webhook', name, url: { value: url } });

const arrived = <T>(what: string, look: () => T | undefined) => poll(what, look, 20_000);

describe('what is sent', () => {
  it('to a webhook is Alertmanager’s payload, with a key that tells a repetition', async () => {
    const receiver = await AlertReceiver.open();
    const { notifier: told } = notifier({
      type: 'webhook',
      name: 'hook',
      url: { value: `${receiver.url}/path` },
      bearer: { value: SECRET },
    });
    told.add(message);
    const { path, headers, body } = await arrived('it', () => receiver.taken[0]);
    expect(path).toBe('/path');
    expect(headers).toMatchObject({ authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' });
    expect(headers['idempotency-key']).toMatch(/^\w+-\d+$/);
    expect(JSON.parse(body)).toMatchObject({
      version: '4',
      status: 'firing',
      groupKey: '{}:{alertname="strategy_halted"}',
      truncatedAlerts: 0,
      alerts: [
        {
          labels: { alertname: 'strategy_halted', severity: 'P1', strategy: 'ema-cross' },
          annotations: { measured: '0.0501', limit: '0.05' },
          fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      ],
    });
  });

  it('to every Alertmanager is the alert with its end ahead; one that takes it is enough', async () => {
    const [first, second] = [await AlertReceiver.open(), await AlertReceiver.open()];
    first.conduct = (_request, response) => response.writeHead(500).end();
    const { notifier: told, view } = notifier({
      type: 'alertmanager',
      name: 'am',
      urls: [first.url, `${second.url}/`],
    });
    told.add(message);
    const { path, body } = await arrived('it', () => second.taken[0]);
    expect(path).toBe('/api/v2/alerts');
    const [posted] = JSON.parse(body) as readonly { startsAt: string; endsAt: string }[];
    expect(posted!.startsAt).toBe('2026-11-22T07:28:33.123Z');
    expect(Date.parse(posted!.endsAt)).toBeGreaterThan(Date.now() + 60_000);
    await arrived('it is counted', () => (view('am').delivered === 1 ? true : undefined));
    expect(first.received).toHaveLength(1);
  });

  it('to Telegram and Slack is a text; markup in it is none', async () => {
    const receiver = await AlertReceiver.open();
    const { notifier: told } = notifier({
      type: 'telegram',
      name: 'phone',
      token: { value: SECRET },
      chatId: '4711',
      apiUrl: receiver.url,
    });
    told.add(message);
    const telegram = await arrived('telegram', () => receiver.taken[0]);
    expect(telegram.path).toBe(`/bot${SECRET}/sendMessage`);
    expect(JSON.parse(telegram.body)).toMatchObject({
      chat_id: '4711',
      text: expect.stringMatching(/^\[P1\] strategy_halted: ema-cross\n\nema-cross is halted: drawdown <5 %>/),
    });
    const slack = notifier({ type: 'slack', name: 'slack', url: { value: `${receiver.url}/services/x` } });
    slack.notifier.add(message);
    const { body } = await arrived('slack', () => receiver.taken[1]);
    expect((JSON.parse(body) as { text: string }).text).toContain('drawdown &lt;5 %&gt; &amp; more');
  });

  it('by e-mail is a text with a subject, and the same Message-ID for the same message', async () => {
    const smtp = await SmtpServer.open();
    const { notifier: told } = notifier({
      type: 'email',
      name: 'mail',
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      user: 'me',
      password: { value: SECRET },
      from: 'qkt@example.org',
      to: ['me@example.org', 'you@example.org'],
    });
    told.add(message);
    const mail = await arrived('the mail', () => smtp.messages[0]);
    expect(mail).toContain('Subject: [P1] strategy_halted: ema-cross');
    expect(mail).toMatch(/Message-ID: <\w+-\d+@qkt>/i);
    expect(mail).toContain('do: qkt resume ema-cross --dry-run');
    expect(smtp.heard.filter((line) => line.startsWith('RCPT'))).toHaveLength(2);
  });

  it('as a dead-man ping is a request again and again, and no alert', async () => {
    const receiver = await AlertReceiver.open();
    const { notifier: told, view } = notifier({
      type: 'deadman',
      name: 'alive',
      url: { value: `${receiver.url}/ping` },
      everyMs: 50,
    });
    await arrived('two pings', () => (receiver.taken.length > 1 ? true : undefined));
    expect(receiver.taken[0]).toMatchObject({ method: 'GET', path: '/ping', body: '' });
    expect(view('alive').lastProven).not.toBeNull();
    told.close();
  });
});

/** A server that speaks no TLS, or nothing at all. */
async function rawServer(onConnect: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    onConnect(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Each way to fail: the address of a receiver that does so, and what is said of it. */
const FAILURES: readonly (readonly [how: string, url: () => Promise<string>, error: RegExp])[] = [
  [
    'refuses the connection',
    async () => {
      const receiver = await AlertReceiver.open();
      const { url } = receiver;
      await receiver.close();
      return url;
    },
    /^ECONNREFUSED$/,
  ],
  [
    'accepts and never answers',
    async () => `http://127.0.0.1:${await rawServer(() => undefined)}`,
    /no answer within 10 s/,
  ],
  [
    'answers 500',
    async () => {
      const receiver = await AlertReceiver.open();
      receiver.conduct = (_request, response) => response.writeHead(500).end('out of order');
      return receiver.url;
    },
    /^it answered 500: out of order$/,
  ],
  [
    'answers 429 with Retry-After',
    async () => {
      const receiver = await AlertReceiver.open();
      receiver.conduct = (_request, response) => response.writeHead(429, { 'retry-after': '30' }).end();
      return receiver.url;
    },
    /^it answered 429$/,
  ],
  [
    'speaks no TLS',
    async () => `https://127.0.0.1:${await rawServer((socket) => socket.end('hello'))}`,
    /SSL|TLS|ECONNRESET/,
  ],
  ['has no address', () => Promise.resolve('http://no-such-host.invalid'), /^(ENOTFOUND|EAI_AGAIN)$/],
  [
    'begins a body and never ends it',
    async () => {
      const receiver = await AlertReceiver.open();
      receiver.conduct = (_request, response) => response.writeHead(200, { 'content-length': '100' }).write('half');
      return receiver.url;
    },
    /no answer within 10 s/,
  ],
  [
    'leads somewhere else',
    async () => {
      const receiver = await AlertReceiver.open();
      receiver.conduct = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end();
      return receiver.url;
    },
    /^it answered 302$/,
  ],
];

describe('a channel that', () => {
  it.each(FAILURES)('%s: the message comes through the next, once', async (_how, url, error) => {
    const next = await AlertReceiver.open();
    const { notifier: told, view, said } = notifier(hook('first', await url()), hook('second', next.url));
    told.add(message);
    await arrived('the message', () => next.taken[0]);
    expect(view('first')).toMatchObject({ delivered: 0, failed: 1, lastError: expect.stringMatching(error) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(next.taken).toHaveLength(1);
    expect(said.join('\n')).not.toContain('fault');
  });

  it.each([
    ['an answer of 451', '451 try later', /EMESSAGE|EENVELOPE|451/],
    ['no answer', 'hang', /no answer within 10 s/],
  ])('is a mail server with %s: the message comes through the next', async (_how, verdict, error) => {
    const [smtp, next] = [await SmtpServer.open(), await AlertReceiver.open()];
    smtp.verdict = verdict;
    const mail: ChannelConfig = {
      type: 'email',
      name: 'mail',
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      from: 'a@example.org',
      to: ['b@example.org'],
    };
    const { notifier: told, view } = notifier(mail, hook('second', next.url));
    told.add(message);
    await arrived('the message', () => next.taken[0]);
    expect(view('mail').lastError).toMatch(error);
  });
});

describe('a secret', () => {
  const file = (mode: number, text = `${SECRET}\n`): string => {
    const dir = mkdtempSync(join(tmpdir(), 'qkt-secret-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, 'token');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const linkTo = (path: string): string => {
    symlinkSync(path, `${path}.link`);
    return `${path}.link`;
  };
  const pipe = (): string => {
    const path = `${file(0o600)}.pipe`;
    execFileSync('mkfifo', ['-m', '600', path]);
    return path;
  };
  const phone = (path: string, apiUrl: string): ChannelConfig => ({
    type: 'telegram',
    name: 'phone',
    token: { file: path },
    chatId: '1',
    apiUrl,
  });

  it('is read from a file that nobody else can read', async () => {
    const receiver = await AlertReceiver.open();
    const { notifier: told } = notifier(phone(file(0o600), receiver.url));
    expect(await told.test('phone')).toMatchObject({ delivered: true });
    expect(receiver.taken[0]!.path).toBe(`/bot${SECRET}/sendMessage`);
  });

  it('is read from a file that has a second name, as backups by hard links make one', async () => {
    const receiver = await AlertReceiver.open();
    const path = file(0o600);
    linkSync(path, `${path}.backup`);
    const { notifier: told } = notifier(phone(path, receiver.url));
    expect(await told.test('phone')).toMatchObject({ delivered: true });
  });

  it.each([
    ['a file that others can read', () => file(0o644), /is open to other users: chmod 600/],
    ['a file that is empty', () => file(0o600, ''), /is empty/],
    ['a file that is not there', () => `${file(0o600)}.gone`, /token\.gone is missing/],
    ['a link to a file', () => linkTo(file(0o600)), /is a symbolic link/],
    ['a pipe that nobody writes to', pipe, /is not a plain file/],
    ['a directory', () => dirname(file(0o600)), /is not a plain file/],
  ])('is not taken from %s', async (_what, place, error) => {
    const receiver = await AlertReceiver.open();
    const { notifier: told } = notifier(phone(place(), receiver.url));
    expect(await told.test('phone')).toMatchObject({ delivered: false, error: expect.stringMatching(error) });
    expect(receiver.received).toEqual([]);
  });

  it('is in no error, whatever a receiver answers', async () => {
    const receiver = await AlertReceiver.open();
    receiver.conduct = ({ path }, response) => response.writeHead(404).end(`there is nothing at ${path}`);
    const {
      notifier: told,
      view,
      said,
    } = notifier({
      type: 'telegram',
      name: 'phone',
      token: { value: SECRET },
      chatId: '1',
      apiUrl: receiver.url,
    });
    told.add(message);
    const { error } = await told.test('phone');
    await arrived('a failure', () => (view('phone').failed > 0 ? true : undefined));
    expect(error ?? '').not.toContain(SECRET);
    expect([...said, JSON.stringify(view('phone'))].join('\n')).not.toContain(SECRET);
    expect(view('phone').lastError).toContain('[redacted]');
  });
});
