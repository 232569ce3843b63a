/** E-mail over SMTP. A message sent twice by a crash has the same Message-ID, by which mailboxes know it. */
import { createTransport } from 'nodemailer';
import { textOf, titleOf } from '../../../alerts/notification.ts';
import type { EmailConfig } from '../../../alerts/settings.ts';
import { SendFailure } from '../channel-machine.ts';
import type { Secrets } from './secrets.ts';
import type { Transport } from './transport.ts';

/** Its own time-outs come later than the channel's: nothing of it is left behind for long after one. */
const LEFT_BEHIND_MS = 15_000;

export function email(config: EmailConfig, secrets: Secrets): Transport {
  const { host, port, security, user, password, from, to } = config;
  const open = new Set<{ close(): void }>();
  return {
    async send(notification, signal) {
      // A connection for each message: they are few, and the password may have changed.
      const mailer = createTransport({
        host,
        port,
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        connectionTimeout: LEFT_BEHIND_MS,
        greetingTimeout: LEFT_BEHIND_MS,
        socketTimeout: LEFT_BEHIND_MS,
        ...(user !== undefined && { auth: { user, pass: password === undefined ? '' : secrets.read(password) } }),
      });
      open.add(mailer);
      const message = {
        from,
        to: [...to],
        subject: titleOf(notification),
        text: textOf(notification),
        messageId: `<${notification.id}@qkt>`,
      };
      try {
        await Promise.race([mailer.sendMail(message), aborted(signal)]);
      } catch (error) {
        throw error instanceof SendFailure ? error : new SendFailure(reasonOf(error));
      } finally {
        open.delete(mailer);
        mailer.close();
      }
    },
    close: () => open.forEach((mailer) => mailer.close()),
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = (): void => reject(new SendFailure('it was given up'));
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

/** The library's code, and the server's own where it gave one: its whole text may hold what was sent. */
function reasonOf(error: unknown): string {
  const { code, responseCode, message } = error as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const parts = [code, responseCode].filter((part) => part !== undefined);
  return parts.length === 0 ? (message ?? 'it failed') : parts.join(' ');
}
