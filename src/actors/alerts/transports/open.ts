/** A channel's transport by what is configured. */
import type { ChannelConfig } from '../../../alerts/settings.ts';
import { email } from './email.ts';
import { alertmanager, deadman, slack, telegram, webhook, type HttpTools } from './over-http.ts';
import type { Transport } from './transport.ts';

export function openTransport(config: ChannelConfig, tools: HttpTools): Transport {
  switch (config.type) {
    case 'webhook':
      return webhook(config, tools);
    case 'alertmanager':
      return alertmanager(config, tools);
    case 'telegram':
      return telegram(config, tools);
    case 'slack':
      return slack(config, tools);
    case 'deadman':
      return deadman(config, tools);
    default:
      return email(config, tools.secrets);
  }
}
