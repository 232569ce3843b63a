/**
 * A run of a whole daemon under the virtual clock in which everything goes wrong that the table looks for, scraped over
 * HTTP as Prometheus does it: the daemon, and every port that its discovery names.
 */
import type { AlertView } from '../../src/domain/alerts.ts';
import { call } from '../http/support.ts';
import { TroubledDaemon } from './troubled-daemon.ts';
import { VirtualTime } from './virtual-time.ts';

export const SCRAPE_S = 15;
const START = Date.UTC(2026, 0, 6, 9);
const MIN = 60;
const LASTS_S = 45 * MIN;
const STORM_S = 15 * MIN;

type Act = readonly [atS: number, act: (scene: TroubledDaemon) => unknown];

/** In seconds since all of them trade. */
const SCRIPT: readonly Act[] = [
  [MIN, (scene) => scene.enterLarge('loser')],
  // More than a quarter of what the loser has, and than 6 % of the book.
  [5 * MIN, ({ exness }) => exness.move(-26, 40)],
  [STORM_S, ({ exness }) => exness.refuse(true)],
  ...Array.from({ length: 20 }, (_, n): Act => [STORM_S + 1 + 2 * n, (scene) => scene.enter('stormy')]),
  [STORM_S + MIN, ({ exness }) => exness.refuse(false)],
  [20 * MIN, ({ exness }) => (exness.slip = 1)],
  [20 * MIN, (scene) => scene.enter('slipped')],
  [21 * MIN, (scene) => scene.leave('slipped')],
  [25 * MIN, ({ far }) => (far.isDead = true)],
  [30 * MIN, ({ far }) => (far.isDead = false)],
  [35 * MIN, ({ exness }) => exness.move(26, 40)],
  [37 * MIN, (scene) => scene.resume('loser')],
  [38 * MIN, (scene) => scene.leave('loser')],
  [40 * MIN, (scene) => scene.enter('silent')],
  [41 * MIN, (scene) => scene.leave('silent')],
];

export interface RecordedRun {
  /** Values at each scrape by series; `_` where there was none. */
  readonly series: ReadonlyMap<string, readonly string[]>;
  /** At each scrape: the alerts that fired, by key. */
  readonly firing: readonly ReadonlySet<string>[];
}

export async function record(): Promise<RecordedRun> {
  const time = new VirtualTime(START);
  const { clock, disk } = time;
  const scene = await time.during(
    TroubledDaemon.boot({ clock, disk, isolation: 'inline', quoteMs: 1000, silentFor: '30m' }),
  );
  try {
    await time.during(scene.deploy());
    while (!(await scene.trades())) await time.pass(1000);
    return await play(scene, time);
  } finally {
    await time.during(scene.close());
  }
}

async function play(scene: TroubledDaemon, time: VirtualTime): Promise<RecordedRun> {
  const series = new Map<string, string[]>();
  const firing: ReadonlySet<string>[] = [];
  for (let second = 0; second <= LASTS_S; second++) {
    for (const [atS, act] of SCRIPT) if (atS === second) await time.during(Promise.resolve(act(scene)));
    if (second % SCRAPE_S === 0) {
      note(series, firing.length, await pagesOf(scene));
      firing.push(await firingNow(scene));
    }
    await time.pass(1000);
  }
  return { series, firing };
}

async function pagesOf({ daemon }: TroubledDaemon): Promise<string> {
  const discovered = JSON.parse((await daemon.get('/daemon/sd')).text) as readonly {
    readonly targets: readonly string[];
    readonly labels: Readonly<Record<string, string>>;
  }[];
  const ports = discovered.flatMap(({ targets, labels }) =>
    targets.map((target) => ({
      port: Number(new URL(`http://${target}`).port),
      path: `${labels['__metrics_path__']}?format=${labels['__param_format']}`,
    })),
  );
  const pages = await Promise.all([daemon.get('/daemon/metrics'), ...ports.map(({ port, path }) => call(port, path))]);
  return pages.map(({ text }) => text).join('\n');
}

async function firingNow({ daemon }: TroubledDaemon): Promise<ReadonlySet<string>> {
  const alerts = JSON.parse((await daemon.get('/daemon/alerts')).text) as readonly AlertView[];
  return new Set(alerts.filter(({ state }) => state === 'firing').map(({ key }) => key));
}

/** Takes in a page; a series that was not there before, or is not any more, has `_` in its place. */
function note(series: Map<string, string[]>, scrape: number, page: string): void {
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const cut = line.lastIndexOf(' ');
    const name = line.slice(0, cut);
    const values = series.get(name) ?? [];
    while (values.length < scrape) values.push('_');
    values.push(line.slice(cut + 1));
    series.set(name, values);
  }
}
