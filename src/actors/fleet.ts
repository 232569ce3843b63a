/**
 * The fleet: every deployed strategy by name, whatever its state. Deploying is all or nothing: a
 * strategy that does not come up leaves no port, no actor and no name behind.
 */
import { closest } from 'fastest-levenshtein';
import type { Actor, DeployRequest, DeployResult, StopRequest, StopResult, StrategyPort } from '../domain/ports.ts';
import type { StrategyRow } from '../domain/status-views.ts';
import { QktError } from '../errors.ts';
import { parseRollover } from '../risk/trading-day.ts';
import { reopenCompiled } from '../worker/compile.ts';
import type { RegistryRow } from './memory.ts';
import { BookHalts } from './book-halts.ts';
import { CommandOrder } from './command-order.ts';
import { errorView } from './fault-tolerant.ts';
import { FleetMeter } from './fleet-meter.ts';
import { createMember, type Member, type MemberDependencies } from './fleet-member.ts';
import { checkSessions, prepare, type Prepared } from './prepare.ts';
import { venueNamed, type Venues } from './venues.ts';
import { allowedCommands, takesReplace, whyRefused } from './strategy-actor.ts';
import type { StrategyRuntime } from './strategy-runtime.ts';

export interface FleetDependencies extends MemberDependencies {
  readonly venues: Venues;
  readonly modulesDir: string;
  /** Closes the log of a strategy that was removed. */
  readonly releaseLog: (strategy: string) => Promise<void>;
}

export class Fleet {
  readonly #deps: FleetDependencies;
  readonly #members = new Map<string, Member>();
  readonly #order = new CommandOrder();
  /** Why entries stay out of every strategy, those to come included. */
  #blocked: string | undefined;
  /** What concerns all strategies at once. */
  readonly book: BookHalts;
  /** What the daemon's metrics tell of all. */
  readonly meter: FleetMeter;

  constructor(dependencies: FleetDependencies) {
    this.#deps = dependencies;
    const { config, clock, memory } = dependencies;
    this.book = new BookHalts({
      rules: config.risk.book,
      clock,
      rollover: parseRollover(config.risk.dayRollover)!,
      memory,
      runtimes: () => [...this.#members.values()].map(({ runtime }) => runtime),
    });
    this.meter = new FleetMeter({ members: () => this.#members.values(), memory, currency: config.account.currency });
  }

  names(): readonly string[] {
    return [...this.#members.keys()].toSorted();
  }

  get(name: string): StrategyPort | undefined {
    return this.#members.get(name)?.queries;
  }

  members(): Iterable<Member> {
    return this.#members.values();
  }

  runtime(name: string): StrategyRuntime {
    return this.#member(name).runtime;
  }

  rows(): readonly StrategyRow[] {
    return this.names().map((name) => this.#members.get(name)!.queries.row());
  }

  async deploy(request: DeployRequest): Promise<DeployResult> {
    const begun = this.#order.now();
    const prepared = await prepare(request, this.#deps);
    const { name } = prepared;
    const there = this.#members.get(name);
    if (there !== undefined && request.keep === true) return resultOf(there);
    if (there !== undefined && request.replace !== true)
      throw new QktError('QKT_E_NAME_TAKEN', `a strategy named ${name} is deployed already`);
    if (there === undefined) return this.#order.alone(name, () => this.#add(prepared, request.by, begun));
    await this.#order.alone(name, () => this.#replace(there, prepared, request.by, begun));
    return this.#started(there);
  }

  start(name: string, { by }: Actor): Promise<DeployResult> {
    return this.#begin(name, { type: 'START', by });
  }

  restart(name: string, { by }: Actor): Promise<DeployResult> {
    return this.#begin(name, { type: 'RESTART', by });
  }

  /** Takes a stopped, flat strategy out of the registry. */
  remove(name: string): Promise<void> {
    return this.#order.alone(name, async () => {
      const member = this.#member(name);
      this.#allow(member, 'REMOVE');
      const open = member.runtime.book.ledger.positions();
      if (open.length > 0)
        throw new QktError(
          'QKT_E_NOT_FLAT',
          `${name} still holds ${open.map(({ symbol, qty }) => `${symbol} ${qty.toString()}`).join(', ')}`,
        );
      member.leaving = true;
      await this.#deps.memory.forget(name).catch((error: unknown) => {
        member.leaving = false;
        throw error;
      });
      await this.#discard(member);
    });
  }

  /**
   * Brings back every strategy of the registry as it was: running ones are started again, the others
   * are there to be looked at. @throws QktError for a row that this configuration cannot hold
   */
  async recover(): Promise<void> {
    this.meter.recovering();
    const rows = this.#deps.memory.rows();
    const members = await Promise.all(rows.map((row) => this.#recoverOne(row)));
    this.book.recovered();
    this.settleVenues();
    this.meter.recovered();
    await Promise.all(members.filter(({ desired }) => desired === 'running').map((member) => this.#relaunch(member)));
    this.meter.relaunched();
  }

  /** No strategy of before is missing any more: venues may say whose what is. */
  settleVenues(): void {
    for (const venue of this.#deps.venues.open.values()) venue.settled();
  }

  async #recoverOne(row: RegistryRow): Promise<Member> {
    const { name, definition, params, port, desired } = row;
    const venue = venueNamed(this.#deps.venues, row.venue);
    const unknown = definition.streams.find(({ symbol }) => !this.#deps.config.instruments.has(symbol));
    if (unknown !== undefined)
      throw new QktError('QKT_E_UNKNOWN_SYMBOL', `${name} trades ${unknown.symbol}, which is not configured`);
    const compiled = await reopenCompiled(row);
    checkSessions(definition, this.#deps.config, compiled);
    const member = this.#create({ name, venue, compiled, definition, params });
    member.port.preferred = port ?? undefined;
    member.desired = desired;
    // What it begins with is on disk before its port shows it.
    await member.runtime.book.commits.settle();
    return member;
  }

  /** One that does not come up is shown as it is: the others go on. */
  async #relaunch(member: Member): Promise<void> {
    const { name } = member.runtime;
    await member.port
      .open()
      .catch((error: unknown) => this.#deps.logger(name).error('it runs without a port of its own', errorView(error)));
    if (member.runtime.actor.state() !== 'stopped') return;
    member.runtime.actor.send({ type: 'START', by: 'daemon', again: true });
    await this.#launched(member).catch(() => undefined);
  }

  /** Blocks, cancels, flattens and verifies every strategy, all at the same time. */
  killAll(request: StopRequest): Promise<Readonly<Record<string, StopResult>>> {
    this.#order.killed();
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

  /** Caps and halt rules as they are configured now, for every strategy and for the book. */
  reconfigure(): void {
    for (const { runtime } of this.#members.values()) runtime.reopenRisk();
    this.book.reopen(this.#deps.config.risk.book);
  }

  /** Stops every strategy, without closing positions; settles when all are stopped or their time is over. */
  async stopAll(timeoutMs: number, by: string): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ queries }) => queries.end({ flatten: false, timeoutMs, by })));
  }

  async closeServers(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ port }) => port.close()));
  }

  dispose(): void {
    this.book.close();
    for (const { runtime, stopListening } of this.#members.values()) {
      stopListening();
      runtime.dispose();
    }
    this.#members.clear();
  }

  async #each<T>(command: (member: Member) => Promise<T>): Promise<Readonly<Record<string, T>>> {
    const members = [...this.#members.entries()];
    const results = await Promise.all(members.map(async ([name, member]) => [name, await command(member)] as const));
    return Object.fromEntries(results);
  }

  async #add(prepared: Prepared, by: string, begun: number): Promise<DeployResult> {
    const member = this.#create(prepared);
    try {
      await member.port.open();
      await this.book.shareWith(member.runtime);
      await this.#wantRunning(member, begun);
      member.runtime.actor.send({ type: 'START', by });
      return await this.#launched(member);
    } catch (error) {
      member.leaving = true;
      await this.#deps.memory.forget(member.runtime.name).catch(() => undefined);
      await this.#discard(member);
      throw error;
    }
  }

  /** Starts one that is there, whatever was left of it. */
  async #begin(
    name: string,
    command: { readonly type: 'START' | 'RESTART'; readonly by: string },
  ): Promise<DeployResult> {
    const member = this.#member(name);
    await this.#order.alone(name, async () => {
      this.#deps.supervisor.takes();
      this.#allow(member, command.type);
      const begun = this.#order.now();
      await member.port.open();
      await this.#wantRunning(member, begun);
      member.runtime.actor.send(command);
    });
    return this.#started(member);
  }

  /** The new code has been loaded and tried already: from here on it can only fail like any restart. */
  async #replace(member: Member, prepared: Prepared, by: string, begun: number): Promise<void> {
    if (prepared.venue.name !== member.runtime.book.options.venue)
      throw new QktError(
        'QKT_E_STATE',
        `${prepared.name} holds its account on ${member.runtime.book.options.venue}: deploy under another name`,
      );
    await member.port.open();
    // In one turn: what the machine would not take must not be swapped either.
    this.#allow(member, 'REPLACE');
    this.#stillWanted(member, begun);
    member.runtime.replace(prepared);
    member.runtime.actor.send({ type: 'REPLACE', by });
    await this.#desire(member, 'running');
  }

  #create(prepared: Prepared): Member {
    const { name } = prepared;
    this.#deps.supervisor.admit(name);
    const member = createMember(prepared, this.#deps, {
      entered: (state) => {
        if (state === 'stopped') this.#members.get(name)?.port.drain();
        if (state === 'failed' && this.#deps.isBounded) this.#endWithTheLast();
      },
      desired: (desired) => this.#desire(this.#member(name), desired),
    });
    member.runtime.book.desk.block(this.#blocked);
    // Its joining may halt the book: it is one of those then.
    this.#members.set(name, member);
    this.book.join(member.runtime);
    this.meter.join(member);
    return member;
  }

  /** A bounded run ends where its last strategy was lost: the data that are left are for nobody. */
  #endWithTheLast(): void {
    if ([...this.#members.values()].some(({ runtime }) => runtime.actor.state() !== 'failed')) return;
    for (const { market } of this.#deps.venues.open.values()) market.cut();
  }

  /** What a person wants of it, remembered so that a start of the daemon does the same. */
  async #desire(member: Member, desired: RegistryRow['desired']): Promise<void> {
    if (member.leaving) return;
    member.desired = desired;
    if (desired === 'stopped') this.#order.stopped(member.runtime.name);
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
      port: member.port.preferred ?? null,
      desired,
    });
  }

  /** Before its start. A stop that comes while this is remembered is remembered after it. */
  async #wantRunning(member: Member, begun: number): Promise<void> {
    this.#stillWanted(member, begun);
    await this.#desire(member, 'running');
    this.#stillWanted(member, begun);
  }

  /** @throws QktError QKT_E_STATE where it was stopped or killed since, QKT_E_STARTING while the daemon ends */
  #stillWanted(member: Member, begun: number): void {
    this.#deps.supervisor.takes();
    if (!this.#order.isOverruled(member.runtime.name, begun)) return;
    if (member.runtime.actor.state() === 'stopped') member.port.drain();
    throw stoppedMeanwhile(member);
  }

  /** As {@link #launched}. @throws QktError QKT_E_STATE when it was stopped before it ran */
  async #started(member: Member): Promise<DeployResult> {
    const result = await this.#launched(member);
    if (result.state === 'stopped') throw stoppedMeanwhile(member);
    return result;
  }

  /** Waits for the end of the launch, in one direction or the other. */
  async #launched(member: Member): Promise<DeployResult> {
    const { runtime } = member;
    await runtime.actor.reached('warming', 'trading', 'halting', 'halted', 'crashed', 'failed', 'stopped');
    const state = runtime.actor.state();
    if (state === 'crashed' || state === 'failed')
      throw runtime.guest.launchError ?? new QktError('QKT_E_DEPLOY_TIMEOUT', `${runtime.name} did not start`);
    return resultOf(member);
  }

  async #discard(member: Member): Promise<void> {
    const { name } = member.runtime;
    member.stopListening();
    this.meter.leave(name);
    member.runtime.dispose();
    this.#members.delete(name);
    this.#order.forget(name);
    this.book.leave(name);
    this.#deps.events.leave(name);
    await member.port.close();
    await this.#deps.releaseLog(name);
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    const names = this.names();
    throw new QktError('QKT_E_UNKNOWN_STRATEGY', `no strategy is named ${name}`, {
      candidates: names.length === 0 ? [] : [closest(name, [...names])],
    });
  }

  #allow({ runtime }: Member, command: 'START' | 'RESTART' | 'REMOVE' | 'REPLACE'): void {
    const allowed = allowedCommands(runtime.actor.snapshot());
    const state = runtime.actor.state();
    if (command === 'REPLACE' ? takesReplace(state) : allowed.includes(command)) return;
    throw new QktError('QKT_E_STATE', `${runtime.name} is ${state}: ${whyRefused(command, state)}`, {
      allowed,
      members: { state },
    });
  }
}

/** As it is now. */
function resultOf({ runtime, port }: Pick<Member, 'runtime' | 'port'>): DeployResult {
  const { name, actor, deployment } = runtime;
  return { name, port: port.number, state: actor.state(), version: deployment.definition.version };
}

function stoppedMeanwhile({ runtime }: Member): QktError {
  return new QktError('QKT_E_STATE', `${runtime.name} was stopped while it was being started`, {
    allowed: allowedCommands(runtime.actor.snapshot()),
    members: { state: runtime.actor.state() },
  });
}
