/** Whether anybody would be told: channels that are configured, and what the daemon knows of each. */
import type { AlertSettings } from '../alerts/settings.ts';
import type { ChannelView } from '../domain/channels.ts';
import type { DaemonClient } from './client.ts';
import { fail, warn, well, word, type Ailment } from './doctor-findings.ts';

const CHECK = 'notifications';
const ADD_ONE =
  'qkt daemon stop && qkt daemon start --detach # once alerts.channels and alerts.routes name one, see docs/alerts.md';

/** @param client of a daemon that may or may not run */
export async function notificationFindings(settings: AlertSettings, client: DaemonClient): Promise<readonly Ailment[]> {
  const { channels, routes } = settings;
  if (channels.size === 0) return [warn(CHECK, 'no channel is configured: alerts are in the log alone', ADD_ONE)];
  const silent = (['P1', 'P2'] as const).filter((severity) => routes[severity].length === 0);
  const unrouted = silent.map((severity) =>
    warn(CHECK, `${severity} alerts have no route: they are in the log alone`, 'qkt config check'),
  );
  const views = await viewsOf(client);
  if (views === undefined)
    return [...unrouted, well(CHECK, `${[...channels.keys()].join(', ')}: no daemon to test them with`)];
  return [...unrouted, ...views.map(findingOf)];
}

/** Undefined where no daemon answers. */
async function viewsOf(client: DaemonClient): Promise<readonly ChannelView[] | undefined> {
  try {
    return JSON.parse((await client.get('/daemon/channels')).text) as readonly ChannelView[];
  } catch {
    return undefined;
  }
}

function findingOf({ name, state, lastProven, lastError }: ChannelView): Ailment {
  const test = `qkt alerts test ${word(name)}`;
  if (lastError !== null) return fail(CHECK, `${name} does not work: ${lastError}`, test);
  if (lastProven === null) return warn(CHECK, `${name} has never been proven to work`, test);
  return well(CHECK, `${name} is ${state}, last proven ${lastProven}`);
}
