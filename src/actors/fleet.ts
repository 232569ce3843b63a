/**
 * The fleet: every deployed strategy by name, whatever its state. Deploying is all or nothing: a
 * strategy that does not come up leaves no port, no actor and no name behind.
 */
import { closest } from 'fastest-levenshtein';
import type {
  Actor,
  DeployRequest,
  DeployResult,
  HaltRequest,
  HaltResult,
  Rebase,
  ResumeRequest,
  ResumeResult,
  StopRequest,
  StopResult,
  StrategyPort,
} from '../domain/ports.ts';
import type { StrategyRow } from '../domain/views.ts';
import { QktError } from '../errors.ts';
import type { Breach } from '../risk/breach.ts';
import { bookRules } from '../risk/risk-settings.ts';
import { parseRollover } from '../risk/trading-day.ts';
import { reopenCompiled } from '../worker/compile.ts';
import type { RegistryRow } from './memory.ts';
import { BookRisk } from './book-risk.ts';
import { createMember, type Member, type MemberDependencies, type OpenPort } from './fleet-member.ts';
import { prepare, type Prepared } from './prepare.ts';
import { venueNamed, type Venues } from './venues.ts';
import { allowedCommands } from './strategy-actor.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';

/** How long a stopped strategy's port goes on answering, in milliseconds. */
const DRAIN_MS = 15_000;

export interface FleetDependencies extends MemberDependencies {
  readonly venues: Venues;
  readonly modulesDir: string;
  /** Closes the log of a strategy that was removed. */
  readonly releaseLog: (strategy: string) => Promise<void>;
  /** Opens a strategy's server on its preferred port or another. @throws QktError QKT_E_PORT_POOL_EMPTY */
  readonly openPort: (strategy: StrategyPort, preferred: number | undefined) => Promise<OpenPort>;
}

export class Fleet {
  readonly #deps: FleetDependencies;
  readonly #members = new Map<string, Member>();
  readonly #deploying = new Set<string>();
  /** Why entries stay out of every strategy, those to come included. */
  #blocked: string | undefined;
  /** Only where the book has rules of its own. */
  readonly #book: BookRisk | undefined;

  constructor(dependencies: FleetDependencies) {
    this.#deps = dependencies;
    const { config, clock, memory } = dependencies;
    const rules = bookRules(config.risk);
    if (rules.length > 0)
      this.#book = new BookRisk({
        rules,
        clock,
        rollover: parseRollover(config.risk.dayRollover)!,
        onBreach: (breach) => this.#haltBook(breach),
        save: (state) => memory.keepBook(state),
        recalled: memory.recallBook(),
      });
  }

  names(): readonly string[] {
    return [...this.#members.keys()].toSorted();
  }

  get(name: string): StrategyPort | undefined {
    return this.#members.get(name)?.queries;
  }

  runtime(name: string): StrategyRuntime {
    return this.#member(name).runtime;
  }

  rows(): readonly StrategyRow[] {
    return this.names().map((name) => this.#members.get(name)!.queries.row());
  }

  async deploy(request: DeployRequest): Promise<DeployResult> {
    const prepared = await prepare(request, this.#deps);
    const { name } = prepared;
    const there = this.#members.get(name);
    if (there !== undefined && request.keep === true) return resultOf(there);
    if (this.#deploying.has(name) || (this.#members.has(name) && request.replace !== true))
      throw new QktError('QKT_E_NAME_TAKEN', `a strategy named ${name} is deployed already`, { candidates: [name] });
    this.#deploying.add(name);
    try {
      return this.#members.has(name)
        ? await this.#replace(prepared, request.by)
        : await this.#add(prepared, request.by);
    } finally {
      this.#deploying.delete(name);
    }
  }

  async start(name: string, { by }: Actor): Promise<DeployResult> {
    const member = this.#member(name);
    this.#allow(member, 'START');
    await this.#openServer(member);
    await this.#desire(member, 'running');
    member.runtime.actor.send({ type: 'START', by });
    return this.#launched(member);
  }

  async restart(name: string, { by }: Actor): Promise<DeployResult> {
    const member = this.#member(name);
    this.#allow(member, 'RESTART');
    await this.#openServer(member);
    await this.#desire(member, 'running');
    member.runtime.actor.send({ type: 'RESTART', by });
    return this.#launched(member);
  }

  /** Takes a stopped, flat strategy out of the registry. */
  async remove(name: string): Promise<void> {
    const member = this.#member(name);
    this.#allow(member, 'REMOVE');
    const open = member.runtime.book.ledger.positions();
    if (open.length > 0)
      throw new QktError(
        'QKT_E_NOT_FLAT',
        `${name} still holds ${open.map(({ symbol, qty }) => `${symbol} ${qty.toString()}`).join(', ')}`,
      );
    await this.#deps.memory.forget(name);
    await this.#discard(member);
  }

  /**
   * Brings back every strategy of the registry as it was: running ones are started again, the others
   * are there to be looked at. @throws QktError for a row that this configuration cannot hold
   */
  async recover(): Promise<void> {
    const rows = this.#deps.memory.rows();
    const members = await Promise.all(rows.map((row) => this.#recoverOne(row)));
    this.#book?.recovered();
    await Promise.all(members.filter(({ desired }) => desired === 'running').map((member) => this.#relaunch(member)));
  }

  async #recoverOne(row: RegistryRow): Promise<Member> {
    const { name, definition, params, port, desired } = row;
    const venue = venueNamed(this.#deps.venues, row.venue);
    const unknown = definition.streams.find(({ symbol }) => !this.#deps.config.instruments.has(symbol));
    if (unknown !== undefined)
      throw new QktError('QKT_E_UNKNOWN_SYMBOL', `${name} trades ${unknown.symbol}, which is not configured`);
    const compiled = await reopenCompiled(row);
    const member = this.#create({ name, venue, compiled, definition, params });
    member.preferred = port ?? undefined;
    member.desired = desired;
    this.#members.set(name, member);
    // What it begins with is on disk before its port shows it.
    await member.runtime.book.commits.settle();
    return member;
  }

  /** One that does not come up is shown as it is: the others go on. */
  async #relaunch(member: Member): Promise<void> {
    await this.#openServer(member);
    if (member.runtime.actor.state() !== 'stopped') return;
    member.runtime.actor.send({ type: 'START', by: 'daemon', again: true });
    await this.#launched(member).catch(() => undefined);
  }

  /** Halts every strategy with a cause of the book, which no strategy's own resume lifts. */
  haltAll({ by, reason }: HaltRequest): Promise<Readonly<Record<string, HaltResult>>> {
    return this.#each(({ runtime }) => runtime.halts.halt({ rule: 'manual', scope: 'book', reason, by }));
  }

  /** Lifts the book's causes. @throws QktError QKT_E_STATE when none is in force */
  async resumeAll(request: ResumeRequest): Promise<Readonly<Record<string, ResumeResult>>> {
    const { rebase } = request;
    const halted = ({ runtime }: Member): boolean => runtime.halts.causes.some(({ scope }) => scope === 'book');
    if (![...this.#members.values()].some(halted))
      throw new QktError('QKT_E_STATE', 'no halt of the book is in force', { allowed: ['HALT', 'KILL'] });
    this.#checkResume(rebase, halted);
    if (rebase !== 'none') this.#book?.rebase(rebase);
    const results = await this.#each(({ runtime }) => resumeBook(runtime, request), halted);
    this.#book?.lift();
    this.#book?.judge();
    return results;
  }

  /** Nothing is resumed unless everything can be. @throws QktError QKT_E_WOULD_TRIP */
  #checkResume(rebase: Rebase, halted: (member: Member) => boolean): void {
    const own = [...this.#members.values()]
      .filter(halted)
      // Re-basing the book moves no strategy's own references.
      .flatMap(({ runtime }) => runtime.halts.preview('none', 'book').wouldTrip);
    const preview = this.#book?.preview(rebase);
    const wouldTrip = [...(preview?.wouldTrip ?? []), ...own];
    if (wouldTrip.length === 0) return;
    const rules = wouldTrip.map(({ rule }) => rule).join(', ');
    throw new QktError('QKT_E_WOULD_TRIP', `${rules} would halt again at once`, {
      members: {
        preview: {
          wouldResume: false,
          wouldTrip,
          remains: [],
          headroom: preview?.headroom ?? [],
          workingOrders: [],
          unknownOrders: [],
          rebase,
        },
      },
    });
  }

  /** Blocks, cancels, flattens and verifies every strategy, all at the same time. */
  killAll(request: StopRequest): Promise<Readonly<Record<string, StopResult>>> {
    return this.#each(async (member) => {
      // As a stop: it is carried out, whether the disk takes it or not.
      const remembered = this.#desire(member, 'stopped').catch(() => undefined);
      const result = await member.queries.end({ ...request, flatten: true });
      await remembered;
      return result;
    });
  }

  /** Entries stay out of every strategy as long as the journal cannot be written. */
  blockEntries(reason: string | undefined): void {
    this.#blocked = reason;
    for (const { runtime } of this.#members.values()) runtime.book.desk.block(reason);
  }

  /** Stops every strategy, without closing positions; settles when all are stopped or their time is over. */
  async stopAll(timeoutMs: number, by: string): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ queries }) => queries.end({ flatten: false, timeoutMs, by })));
  }

  async closeServers(): Promise<void> {
    await Promise.all(
      [...this.#members.values()].flatMap(({ server }) => (server === undefined ? [] : [server.close()])),
    );
  }

  dispose(): void {
    this.#book?.close();
    for (const { runtime, stopListening, draining } of this.#members.values()) {
      stopListening();
      draining?.();
      runtime.dispose();
    }
    this.#members.clear();
  }

  async #each<T>(
    command: (member: Member) => Promise<T>,
    wanted: (member: Member) => boolean = () => true,
  ): Promise<Readonly<Record<string, T>>> {
    const members = [...this.#members.entries()].filter(([, member]) => wanted(member));
    const results = await Promise.all(members.map(async ([name, member]) => [name, await command(member)] as const));
    return Object.fromEntries(results);
  }

  async #add(prepared: Prepared, by: string): Promise<DeployResult> {
    const member = this.#create(prepared);
    this.#members.set(prepared.name, member);
    try {
      await this.#openServer(member);
      await this.#shareBookHalts(member);
      member.runtime.actor.send({ type: 'START', by });
      const result = await this.#launched(member);
      await this.#desire(member, 'running');
      return result;
    } catch (error) {
      await this.#discard(member);
      throw error;
    }
  }

  /** A halt of the whole book is in force for one that is deployed during it as well. */
  async #shareBookHalts({ runtime }: Member): Promise<void> {
    const causesOf = ({ halts }: StrategyRuntime) => halts.causes.filter(({ scope }) => scope === 'book');
    if (causesOf(runtime).length > 0) return;
    const others = [...this.#members.values()].map((member) => causesOf(member.runtime));
    const inForce = others.find((causes) => causes.length > 0) ?? [];
    await Promise.all(inForce.map((cause) => runtime.halts.halt(cause)));
  }

  /** The new code has been loaded and tried already: from here on it can only fail like any restart. */
  async #replace(prepared: Prepared, by: string): Promise<DeployResult> {
    const member = this.#members.get(prepared.name)!;
    if (prepared.venue.name !== member.runtime.book.options.venue)
      throw new QktError(
        'QKT_E_STATE',
        `${prepared.name} holds its account on ${member.runtime.book.options.venue}: deploy under another name`,
      );
    await this.#openServer(member);
    member.runtime.replace(prepared);
    await this.#desire(member, 'running');
    member.runtime.actor.send({ type: 'REPLACE', by });
    return this.#launched(member);
  }

  async #openServer(member: Member): Promise<void> {
    member.draining?.();
    if (member.server !== undefined) return;
    member.server = await this.#deps.openPort(member.queries, member.preferred);
    member.preferred = member.server.port;
  }

  #create(prepared: Prepared): Member {
    const { name } = prepared;
    const member = createMember(prepared, this.#deps, {
      entered: (state) => this.#onTransition(name, state),
      desired: (desired) => this.#desire(this.#member(name), desired),
    });
    const { book } = member.runtime;
    book.desk.block(this.#blocked);
    const { ledger, equity } = book;
    this.#book?.join(name, {
      equity: () => equity.equity(),
      balance: () => ledger.balance,
      start: ledger.startingBalance,
    });
    book.tellEquity = (value) => this.#book?.tell(name, value);
    return member;
  }

  /** Every gate closes in this turn. */
  #haltBook(breach: Breach): void {
    for (const { runtime } of this.#members.values()) void runtime.halts.trip(breach);
  }

  /** What a person wants of it, remembered so that a start of the daemon does the same. */
  async #desire(member: Member, desired: RegistryRow['desired']): Promise<void> {
    member.desired = desired;
    const { name, deployment } = member.runtime;
    const { compiled, definition, params } = deployment;
    await this.#deps.memory.remember({
      name,
      file: compiled.file,
      moduleUrl: compiled.moduleUrl,
      hash: compiled.hash,
      definition,
      params,
      venue: member.venue,
      port: member.preferred ?? null,
      desired,
    });
  }

  /** Waits for the end of the launch, in one direction or the other. */
  async #launched({ runtime, server }: Member): Promise<DeployResult> {
    await runtime.actor.reached('warming', 'trading', 'halting', 'halted', 'crashed', 'failed', 'stopped');
    const state = runtime.actor.state();
    if (state === 'crashed' || state === 'failed')
      throw runtime.guest.launchError ?? new QktError('QKT_E_DEPLOY_TIMEOUT', `${runtime.name} did not start`);
    return resultOf({ runtime, server });
  }

  async #discard(member: Member): Promise<void> {
    const { name } = member.runtime;
    const { server } = member;
    member.server = undefined;
    this.#book?.leave(name);
    member.stopListening();
    member.draining?.();
    member.runtime.dispose();
    this.#members.delete(name);
    this.#deps.merged.remove(name);
    await server?.close();
    await this.#deps.releaseLog(name);
  }

  /** A stopped strategy's port answers for a while yet, so that an orderly stop is no dead target. */
  #onTransition(name: string, to: string): void {
    const { clock } = this.#deps;
    const member = this.#members.get(name);
    if (to !== 'stopped' || member?.server === undefined) return;
    member.draining = clock.at(clock.now() + DRAIN_MS, () => {
      const { server } = member;
      member.server = undefined;
      void server?.close();
    });
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    const names = this.names();
    throw new QktError('QKT_E_UNKNOWN_STRATEGY', `no strategy is named ${name}`, {
      candidates: names.length === 0 ? [] : [closest(name, [...names])],
    });
  }

  #allow({ runtime }: Member, command: 'START' | 'RESTART' | 'REMOVE'): void {
    const allowed = allowedCommands(runtime.actor.snapshot());
    if (allowed.includes(command)) return;
    throw new QktError('QKT_E_STATE', `${runtime.name} is ${runtime.actor.state()}: it cannot take ${command}`, {
      allowed,
      members: { state: runtime.actor.state() },
    });
  }
}

/** As it is now. */
function resultOf({ runtime, server }: Pick<Member, 'runtime' | 'server'>): DeployResult {
  const { name, actor, deployment } = runtime;
  return { name, port: server?.port ?? null, state: actor.state(), version: deployment.definition.version };
}

/** A strategy that does not run keeps the book's cause until it does: there is nothing to resume. */
async function resumeBook(runtime: StrategyRuntime, request: ResumeRequest): Promise<ResumeResult> {
  const state = runtime.actor.state();
  if (state !== 'halted') return { state, halted: true, lifted: [], headroom: [] };
  return runtime.halts.resume({ ...request, rebase: 'none' }, 'book');
}
