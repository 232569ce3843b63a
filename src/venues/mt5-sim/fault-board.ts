/** Which faults are on, how often they still hit, and for how long. */
import type { Clock } from '../../clock.ts';
import type { EpochMs } from '../../domain/time.ts';
import { QktError } from '../../errors.ts';
import { FAULT_NAMES, FAULTS, TRADE_ROUTES, type FaultKind, type FaultName } from './faults.ts';

export type FaultSetting = number | string | true;

/** As it is asked for. */
export interface FaultRequest {
  readonly name: unknown;
  /** Absent: the usual one. */
  readonly value?: unknown;
  /** It is off after so many hits. */
  readonly times?: unknown;
  /** It is off after so many milliseconds. */
  readonly for?: unknown;
  /** It hits requests to that route only: `POST /order`. */
  readonly route?: unknown;
}

/** A fault that is on. */
export interface Fault {
  readonly name: FaultName;
  readonly value: FaultSetting;
  readonly route: string | null;
  readonly timesLeft: number | null;
  readonly until: EpochMs | null;
  readonly hits: number;
}

const MEMBERS = new Set(['name', 'value', 'times', 'for', 'route']);
const MOST_TIMES = 1_000_000;
const LONGEST_MS = 7 * 86_400_000;

export class FaultBoard {
  readonly #clock: Clock;
  readonly #routes: ReadonlySet<string>;
  #on: Fault[] = [];

  /** @param routes all routes of the gateway, as `POST /order` */
  constructor(clock: Clock, routes: readonly string[]) {
    this.#clock = clock;
    this.#routes = new Set(routes);
  }

  /** Those that are on. */
  list(): readonly Fault[] {
    const now = this.#clock.now();
    this.#on = this.#on.filter(({ until }) => until === null || until > now);
    return this.#on;
  }

  /**
   * Switches a fault on; one of the same name and route is replaced.
   * @throws QktError QKT_E_BAD_REQUEST that names the member
   */
  turnOn(request: FaultRequest): Fault {
    const fault = this.check(request);
    this.#on = [...this.list().filter((other) => other.name !== fault.name || other.route !== fault.route), fault];
    return fault;
  }

  /** What {@link turnOn} would switch on. @throws QktError QKT_E_BAD_REQUEST that names the member */
  check(request: FaultRequest): Fault {
    const unknown = Object.keys(request).find((member) => !MEMBERS.has(member));
    if (unknown !== undefined) refuse(unknown, `is not known; there are ${[...MEMBERS].join(', ')}`);
    const name = nameOf(request.name);
    const kind: FaultKind = FAULTS[name];
    const route = this.#routeOf(name, kind, request.route);
    const timesLeft = timesOf(name, kind, request.times);
    const lasts = bounded('for', request.for, 1, LONGEST_MS);
    const until = lasts === undefined ? null : this.#clock.now() + lasts;
    return { name, value: valueOf(name, kind, request.value), route, timesLeft, until, hits: 0 };
  }

  /** @returns how many were on. @throws QktError QKT_E_BAD_REQUEST for a name that is not known */
  turnOff(name?: string): number {
    const known = name === undefined ? undefined : nameOf(name);
    const before = this.list().length;
    this.#on = known === undefined ? [] : this.#on.filter((fault) => fault.name !== known);
    return before - this.#on.length;
  }

  /** The value of a state that is on; reading it uses nothing up. */
  state(name: FaultName): FaultSetting | undefined {
    return this.list().find((fault) => fault.name === name)?.value;
  }

  /** Lets a fault hit a request to that route, if it is on for it: uses up one of its times. */
  hit(name: FaultName, route: string): FaultSetting | undefined {
    const fault = this.list().find((one) => one.name === name && hits(one, route));
    if (fault === undefined) return undefined;
    const timesLeft = fault.timesLeft === null ? null : fault.timesLeft - 1;
    const used: Fault = { ...fault, timesLeft, hits: fault.hits + 1 };
    this.#on = this.#on.flatMap((one) => (one !== fault ? [one] : timesLeft === 0 ? [] : [used]));
    return fault.value;
  }

  #routeOf(name: FaultName, kind: FaultKind, asked: unknown): string | null {
    if (asked === undefined) return null;
    if (kind.routes === undefined) return refuse('route', `does not go with ${name}: it holds for all of them`);
    if (typeof asked !== 'string' || !this.#routes.has(asked))
      return refuse('route', `${show(asked)} is none; there are ${[...this.#routes].join(', ')}`);
    if (kind.anywhere !== true && !inScope(kind, asked))
      return refuse('route', `${name} never comes about at ${asked}`);
    return asked;
  }
}

const hits = ({ name, route }: Fault, at: string): boolean =>
  route === null ? inScope(FAULTS[name], at) : route === at;

function inScope({ routes }: FaultKind, route: string): boolean {
  if (routes === 'all' || routes === undefined) return true;
  return (routes === 'trade' ? TRADE_ROUTES : routes).includes(route);
}

function nameOf(name: unknown): FaultName {
  const known = FAULT_NAMES.find((one) => one === name);
  return known ?? refuse('name', `${show(name)} is no fault; there are ${FAULT_NAMES.join(', ')}`);
}

function valueOf(name: FaultName, { value: kind }: FaultKind, asked: unknown): FaultSetting {
  if (kind.kind === 'none')
    return asked === undefined || asked === true ? true : refuse('value', `does not go with ${name}`);
  if (asked === undefined) return kind.usual;
  if (kind.kind === 'number') return bounded('value', asked, kind.min, kind.max)!;
  if (typeof asked === 'string' && /^[\w.*-]{1,64}$/.test(asked)) return asked;
  return refuse('value', `must name ${kind.what}, and is ${show(asked)}`);
}

function timesOf(name: FaultName, { routes }: FaultKind, asked: unknown): number | null {
  if (asked === undefined) return null;
  if (routes === undefined) refuse('times', `does not go with ${name}: it is a state, bound it with "for"`);
  return bounded('times', asked, 1, MOST_TIMES)!;
}

function bounded(member: string, asked: unknown, min: number, max: number): number | undefined {
  if (asked === undefined || (Number.isSafeInteger(asked) && (asked as number) >= min && (asked as number) <= max))
    return asked as number | undefined;
  return refuse(member, `must be a whole number from ${min} to ${max}, and is ${show(asked)}`);
}

function refuse(member: string, detail: string): never {
  throw new QktError('QKT_E_BAD_REQUEST', `${member} ${detail}`, { members: { field: member } });
}

const show = (value: unknown): string => (JSON.stringify(value) ?? 'absent').slice(0, 60);
