/** The channels that are an HTTP request: webhook, Alertmanager, Telegram, Slack, and the dead-man ping. */
import { postable, webhookPayload } from '../../../alerts/alertmanager.ts';
import { textOf, titleOf, type Notification } from '../../../alerts/notification.ts';
import type {
  AlertmanagerConfig,
  DeadmanConfig,
  Secret,
  SlackConfig,
  TelegramConfig,
  WebhookConfig,
} from '../../../alerts/settings.ts';
import type { EpochMs } from '../../../domain/time.ts';
import type { SendFailure } from '../channel-machine.ts';
import { HttpCaller, type Call } from './http-call.ts';
import type { Secrets } from './secrets.ts';
import type { Transport } from './transport.ts';

export interface HttpTools {
  readonly secrets: Secrets;
  readonly now: () => EpochMs;
}

/** What is asked of one receiver for one message. */
type Ask = (notification: Notification) => Omit<Call, 'signal' | 'now'>;

function overHttp(tools: HttpTools, ask: Ask): Transport {
  const http = new HttpCaller();
  return {
    send: (notification, signal) => http.call({ ...ask(notification), signal, now: tools.now }),
    close: () => http.close(),
  };
}

/** Alertmanager's payload; who gets a message twice by a crash knows it by its key. */
export function webhook({ url, bearer }: WebhookConfig, tools: HttpTools): Transport {
  return overHttp(tools, (notification) => ({
    url: tools.secrets.read(url),
    body: webhookPayload(notification),
    headers: { 'idempotency-key': notification.id, ...authorization(bearer, tools) },
  }));
}

export function telegram({ token, chatId, apiUrl }: TelegramConfig, tools: HttpTools): Transport {
  return overHttp(tools, (notification) => ({
    url: `${apiUrl}/bot${tools.secrets.read(token)}/sendMessage`,
    body: {
      chat_id: chatId,
      text: `${titleOf(notification)}\n\n${textOf(notification)}`,
      disable_web_page_preview: true,
    },
  }));
}

/** Angle brackets and ampersands are markup there. */
export function slack({ url }: SlackConfig, tools: HttpTools): Transport {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return overHttp(tools, (notification) => ({
    url: tools.secrets.read(url),
    body: { text: escaped(`*${titleOf(notification)}*\n${textOf(notification)}`) },
  }));
}

export function deadman({ url }: DeadmanConfig, tools: HttpTools): Transport {
  return overHttp(tools, () => ({ url: tools.secrets.read(url), method: 'GET' }));
}

/** Every one of the addresses is told; one that takes it is enough. */
export function alertmanager({ urls, bearer }: AlertmanagerConfig, tools: HttpTools): Transport {
  const http = new HttpCaller();
  return {
    async send({ alerts }, signal) {
      const body = alerts.map((alert) => postable(alert, tools.now()));
      const headers = authorization(bearer, tools);
      const calls = urls.map((url) =>
        http.call({ url: `${url.replace(/\/$/, '')}/api/v2/alerts`, body, headers, signal, now: tools.now }),
      );
      const failures = (await Promise.allSettled(calls)).flatMap((result) =>
        result.status === 'rejected' ? [result.reason as SendFailure] : [],
      );
      if (failures.length === urls.length) throw failures[0]!;
    },
    close: () => http.close(),
  };
}

function authorization(bearer: Secret | undefined, { secrets }: HttpTools): Readonly<Record<string, string>> {
  return bearer === undefined ? {} : { authorization: `Bearer ${secrets.read(bearer)}` };
}
