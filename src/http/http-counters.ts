/** Requests and refusals of all servers of a daemon, counted for its metrics. */
import {
  HTTP_REFUSALS,
  METRICS_ENDPOINTS,
  OTHER,
  READER_CUTS,
  type HttpMetrics,
  type HttpRefusal,
  type MetricsEndpoint,
  type ReaderCut,
} from '../domain/metrics.ts';

/** What a request is refused for, by the code of its answer. */
const REFUSALS: Readonly<Record<string, HttpRefusal>> = {
  QKT_E_FOREIGN_HOST: 'host',
  QKT_E_FOREIGN_ORIGIN: 'origin',
  QKT_E_UNAUTHORIZED: 'token',
  QKT_E_FORBIDDEN: 'scope',
  QKT_E_TOO_MANY_STREAMS: 'streams',
  QKT_E_REQUEST_TIMEOUT: 'timeout',
  QKT_E_HEADERS_TOO_LARGE: 'headers',
  QKT_E_BODY_TOO_LARGE: 'body',
};

/** What any path may answer, and what only those that change something do. */
const COMMON_CODES = ['400', '500', '503'];
const TOKEN_CODES = ['401', '403'];
const CHANGE_CODES = [...TOKEN_CODES, '404', '409', '413', '415', '504'];
/** Of paths and methods that there are not. */
const STRAY_CODES = ['400', '401', '403', '404', '405', '413', '415', '500'];

export class HttpCounters {
  /** By route and code. Every code that a route may answer is there from the start. */
  readonly #requests = new Map<string, Map<string, number>>([[OTHER, zeros([...STRAY_CODES, OTHER])]]);
  readonly #refused = zeros(HTTP_REFUSALS);
  readonly #cut = zeros(READER_CUTS);
  readonly #droppedSeries = zeros(METRICS_ENDPOINTS);

  /** A route is there to be asked. @param good codes that its schema has */
  route(url: string, change: boolean, readsNeedToken: boolean, good: readonly string[]): void {
    const named = url.includes(':') ? ['404'] : [];
    const more = change ? CHANGE_CODES : readsNeedToken ? [...named, ...TOKEN_CODES] : named;
    const known = this.#requests.get(url);
    const codes = zeros([...good, ...COMMON_CODES, ...more, OTHER]);
    for (const [code, count] of known ?? []) codes.set(code, count);
    this.#requests.set(url, codes);
  }

  /** A request was answered. @param url of its route; undefined where there is none */
  answered(url: string | undefined, status: number): void {
    const codes = this.#requests.get(url ?? OTHER) ?? this.#requests.get(OTHER)!;
    const code = String(status);
    add(codes, codes.has(code) ? code : OTHER);
  }

  /** A refusal by its error code. @param otherwise counted where the code has no reason of its own */
  refused(code: string, otherwise?: HttpRefusal): void {
    const reason = REFUSALS[code] ?? otherwise;
    if (reason !== undefined) add(this.#refused, reason);
  }

  /** A connection was turned away because there are too many. */
  turnedAway(): void {
    add(this.#refused, 'connections');
  }

  /** A reader's stream was ended by us. */
  cut(reason: ReaderCut): void {
    add(this.#cut, reason);
  }

  /** A page of metrics had to leave out so many series. */
  droppedSeries(endpoint: MetricsEndpoint, count: number): void {
    this.#droppedSeries.set(endpoint, this.#droppedSeries.get(endpoint)! + count);
  }

  view(): HttpMetrics {
    const requests = Object.fromEntries([...this.#requests].map(([url, codes]) => [url, Object.fromEntries(codes)]));
    return {
      requests,
      refused: Object.fromEntries(this.#refused) as HttpMetrics['refused'],
      cutReaders: Object.fromEntries(this.#cut) as HttpMetrics['cutReaders'],
      droppedSeries: Object.fromEntries(this.#droppedSeries) as HttpMetrics['droppedSeries'],
    };
  }
}

const zeros = (names: readonly string[]): Map<string, number> => new Map(names.map((name) => [name, 0]));

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, counts.get(name)! + 1);
}
