/** The gateway of a paper venue: there is nothing to reach, so it is ready at once, unless it is made to be lost. */
import type { Observable } from 'rxjs';
import type { Cancel, Clock } from '../clock.ts';
import type { GatewayEvent as GatewayNotice } from '../domain/events.ts';
import type { EpochMs } from '../domain/time.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import { GatewayActor } from './gateway-actor.ts';
import { LinkError } from './gateway-events.ts';
import { gatewayView } from './gateway-view.ts';
import type { GatewayState } from './gateway.ts';
import { GATEWAY_LIMIT_MS, Lease } from './leases.ts';
import type { GatewayTrouble, VenueDependencies, VenueGateway } from './venue.ts';

const CHECK_EVERY_MS = 100;

export class PaperGateway implements VenueGateway {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #actor: GatewayActor;
  readonly #checks: Lease;
  #lastGood: EpochMs | null = null;
  /** Why the venue cannot be reached; undefined while it can. */
  #lost: string | undefined;
  #stop: Cancel = () => {};

  constructor(name: string, { clock, onTransition, onMachineFault }: VenueDependencies) {
    this.#name = name;
    this.#clock = clock;
    this.#checks = new Lease(`gateway:${name}`, GATEWAY_LIMIT_MS, clock);
    this.#actor = new GatewayActor({
      name,
      clock,
      // It is its own account and its own book: there is nothing to compare.
      steps: { connect: () => this.#connect(), verify: () => Promise.resolve(), reconcile: () => Promise.resolve() },
      onTransition: (from, to, cause) => onTransition('gateway', name, from, to, cause),
      onFault: (fault) => onMachineFault('gateway', name, fault),
    });
  }

  start(): void {
    this.#actor.start();
    this.#stop = this.#clock.every(CHECK_EVERY_MS, () => this.#check());
  }

  close(): void {
    this.#stop();
    this.#actor.close();
  }

  /** Loses it for that cause; undefined lets the next attempt to connect succeed. */
  lose(cause: string | undefined): void {
    this.#lost = cause;
    if (cause !== undefined) this.#actor.send({ type: 'LOST', cause, link: 'venue' });
  }

  get state(): GatewayState {
    return this.#actor.state;
  }

  get trouble(): GatewayTrouble | undefined {
    return this.#actor.trouble;
  }

  get notices$(): Observable<GatewayNotice> {
    return this.#actor.notices$;
  }

  get checkAgeMs(): number {
    return this.#checks.ageMs;
  }

  takes(what: 'entries' | 'exits'): boolean {
    return this.#actor.takes(what);
  }

  view(): GatewayView {
    return gatewayView(this.#name, 'paper', this.#actor, this.#clock, this.#lastGood);
  }

  async #connect(): Promise<void> {
    if (this.#lost !== undefined) throw new LinkError('venue', this.#lost);
  }

  #check(): void {
    this.#actor.send({ type: 'CHECKED' });
    // One that has failed does not take it in.
    if (this.#actor.context.lastCheck === this.#clock.now()) this.#checks.renew();
    if (this.takes('entries')) this.#lastGood = this.#clock.now();
  }
}
