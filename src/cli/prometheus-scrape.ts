/** A scrape configuration for Prometheus: the daemon by itself, its strategies as it lists them. */
import type { Config } from '../config/types.ts';
import { QktError } from '../errors.ts';
import { listenAddress } from '../http/bind.ts';

export interface ScrapeOptions {
  /** `host:port` of the control plane. */
  readonly target: string;
  /** Where a token that may read lies; absent where reading is open. */
  readonly tokenFile?: string;
}

/** Where the token is looked for unless said. */
export const TOKEN_FILE = '/etc/prometheus/qkt.token';

/** How often the list of strategies is read: a stopped one's port goes on answering for longer than that. */
const REFRESH = '5s';

/** The text of the file. */
export function prometheusScrape({ target, tokenFile }: ScrapeOptions): string {
  const token = (indent: string): string =>
    tokenFile === undefined
      ? ''
      : `${indent}authorization:\n${indent}  credentials_file: ${JSON.stringify(tokenFile)}\n`;
  const note =
    tokenFile === undefined
      ? '# Reading is open on loopback: no token is needed.'
      : `# The token is made by: qkt token add prometheus --scope read
# It is shown once. Write it to the file below, readable for Prometheus alone.`;
  return `${note}
scrape_configs:
  # The daemon's own figures, and of every strategy what outlives its port.
  - job_name: qkt
    metrics_path: /daemon/metrics
${token('    ')}    static_configs:
      - targets: [${JSON.stringify(target)}]

  # Each strategy on its own port. They move: the daemon tells where they are.
  - job_name: qkt-strategies
    # The label strategy of the lines is that of the target: without this it would be kept twice.
    honor_labels: true
${token('    ')}    http_sd_configs:
      - url: ${JSON.stringify(`http://${target}/daemon/sd`)}
        refresh_interval: ${REFRESH}
${token('        ')}`;
}

/**
 * Where the control plane is scraped. Where every address is listened on, the first allowed name is taken:
 * others are not answered to. @param running the port of the daemon that runs, if one does
 * @throws QktError QKT_E_NO_DAEMON when only a running daemon could tell the port
 */
export function scrapeTarget({ bind, allowedHosts, controlPort }: Config['http'], running: number | undefined): string {
  const port = running ?? controlPort;
  if (port === 0)
    throw new QktError('QKT_E_NO_DAEMON', 'the control port is any free one, and no daemon runs to tell which');
  if (bind !== '0.0.0.0' && bind !== '::') return `${bind.includes(':') ? `[${bind}]` : listenAddress(bind)}:${port}`;
  const [name = '127.0.0.1'] = allowedHosts;
  return /:\d+$/.test(name) ? name : `${name}:${port}`;
}
