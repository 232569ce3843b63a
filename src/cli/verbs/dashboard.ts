/** `qkt dashboard`: a one-time link to the page that the daemon serves, opened in a browser. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { toJson } from '../../domain/json.ts';
import { QktError } from '../../errors.ts';
import { clientOf } from '../client.ts';
import { readPort } from '../endpoint.ts';
import { withCommonOptions, type CommonOptions } from '../options.ts';
import { note, print } from '../output.ts';

interface DashboardOptions extends CommonOptions {
  readonly readOnly?: boolean;
  readonly print?: boolean;
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', win32: 'explorer' };

export function define(command: Command): void {
  withCommonOptions(command)
    .option('--read-only', 'a link that can look, and command nothing')
    .option('--print', 'print the link, and open nothing')
    .action(dashboard);
}

async function dashboard(options: DashboardOptions): Promise<void> {
  const client = clientOf(options);
  const { text } = await client.command('POST', '/daemon/dashboard/links', {
    body: { readOnly: options.readOnly === true },
  });
  const { code, scope, expiresAt } = JSON.parse(text) as { code: string; scope: string; expiresAt: string };
  const port = readPort(client.stateDir);
  if (port === undefined) throw new QktError('QKT_E_NO_DAEMON', `${client.stateDir} names no control port`);
  const url = `http://127.0.0.1:${port}/#link=${code}`;
  if (options.json === true) {
    print(toJson({ url, scope, expiresAt }));
    return;
  }
  print(url);
  note(`It works once, within two minutes, and lets its browser tab ${scope === 'read' ? 'look' : `act (${scope})`}.`);
  if (options.print !== true) await open(url);
}

/** Whether a browser shows it is the person's to see; the link is printed either way. */
async function open(url: string): Promise<void> {
  const opener = process.env['BROWSER'] ?? OPENERS[process.platform] ?? 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  await new Promise<void>((resolve) => {
    child.once('spawn', resolve);
    child.once('error', () => {
      note(`${opener} cannot be started here: open the link by hand.`);
      resolve();
    });
  });
  child.unref();
}
