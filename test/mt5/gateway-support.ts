/** An MT5 gateway's actor with a scripted client and trading core, on the virtual clock. */
import type { GatewayEvent as GatewayNotice } from '../../src/domain/events.ts';
import { Mt5Gateway, type Mt5GatewayOptions } from '../../src/actors/mt5-gateway.ts';
import { VirtualClock } from '../../src/clock.ts';
import { decodeMt5Venue, mt5Defaults, type Mt5VenueConfig } from '../../src/config/mt5-venue.ts';
import { Decimal, dec } from '../../src/domain/decimal.ts';
import type { GatewayHealth, MarginMode, Mt5AccountInfo, Read, Readiness } from '../../src/venues/mt5/types.ts';
import { settle } from '../actors/strategy-harness.ts';

/** A Monday at noon, UTC. */
export const START = Date.UTC(2026, 0, 5, 12);

export const ACCOUNT: Mt5AccountInfo = {
  login: 4_410_021,
  server: 'Demo-Server1',
  name: 'demo',
  currency: 'USD',
  leverage: 100,
  marginMode: 'hedging',
  tradeMode: 'demo',
  tradeAllowed: true,
  balance: dec(10_000),
  equity: dec('9987.5'),
  margin: dec(110),
  marginFree: dec('9877.5'),
  marginLevel: dec('9079.5'),
};

const READY: Readiness = { ready: true, mt5Status: 'connected', error: undefined, killed: false };
const HEALTHY: GatewayHealth = {
  isHealthy: true,
  mt5Status: 'connected',
  uptimeSeconds: 60,
  killed: false,
  version: '0.3.12',
  login: ACCOUNT.login,
  lastError: undefined,
};
const GONE = { known: false, reason: 'connect ECONNREFUSED' } as const;

export class GatewayScene {
  readonly clock = new VirtualClock(START);
  ready: Read<Readiness> = { known: true, value: READY };
  health: Read<GatewayHealth> = { known: true, value: HEALTHY };
  account: Read<Mt5AccountInfo> = { known: true, value: ACCOUNT };
  prepared: Read<void> = { known: true, value: undefined };
  reconciled: Read<readonly []> = { known: true, value: [] };
  conflict: string | undefined;
  quotesMissing: string | undefined;
  /** Time that each answer to a probe takes. */
  slowMs = 0;
  /** What market and trading core were told, in order. */
  readonly told: string[] = [];
  readonly probes: number[] = [];
  readonly notices: GatewayNotice[] = [];
  readonly transitions: string[] = [];
  readonly gateway: Mt5Gateway;

  constructor(config: Partial<Mt5VenueConfig> = {}) {
    const usual = decodeMt5Venue({ ...mt5Defaults('mt5', {}), type: 'mt5' }, 'mt5', () => {});
    const client = {
      ready: () => this.#answer(() => this.ready, true),
      health: () => this.#answer(() => this.health),
      account: () => Promise.resolve(this.account),
      serverTime: () => ({ offsetMs: 0, measuredAt: START, skewMs: 0 }),
      requests: 7,
    };
    this.gateway = new Mt5Gateway({
      config: { ...usual, ...config },
      clock: this.clock,
      currency: 'USD',
      onMachineFault: () => undefined,
      onTransition: (_actor, _venue, from, to) => this.transitions.push(`${from} → ${to}`),
      symbols: () => ['XAUUSD'],
      conflict: (_mode: MarginMode) => this.conflict,
      client: client as unknown as Mt5GatewayOptions['client'],
      market: {
        resume: () => this.told.push('resume'),
        suspend: () => this.told.push('suspend'),
        quotesMissing: () => this.quotesMissing,
      } as unknown as Mt5GatewayOptions['market'],
      trading: {
        prepare: (_info, symbols) => {
          this.told.push(`prepare ${symbols.join()}`);
          return Promise.resolve(this.prepared);
        },
        reconcile: () => {
          this.told.push('reconcile');
          return Promise.resolve(this.reconciled);
        },
        begin: () => this.told.push('begin'),
        suspend: () => this.told.push('rest'),
        differences: () => [],
        margin: () => ({ level: Decimal.ZERO, unreadable: 0 }),
      } as Partial<Mt5GatewayOptions['trading']> as Mt5GatewayOptions['trading'],
    });
    this.gateway.notices$.subscribe((notice) => this.notices.push(notice));
  }

  /** Time goes on in steps, with what comes of each taken in. */
  async pass(ms: number, step = 250): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advanceBy(step);
      await settle();
    }
  }

  async start(): Promise<void> {
    this.gateway.start();
    await settle();
  }

  gone(): void {
    this.ready = this.health = GONE;
  }

  back(): void {
    this.ready = { known: true, value: READY };
    this.health = { known: true, value: HEALTHY };
  }

  /** The terminal is there or not, the switch is on or not, as a gateway says it: 200 on /health whatever has happened. */
  says(readiness: Partial<Readiness>, health: Partial<GatewayHealth> = {}): void {
    this.ready = { known: true, value: { ...READY, ready: false, ...readiness } };
    this.health = { known: true, value: { ...HEALTHY, ...health } };
  }

  accountIs(change: Partial<Mt5AccountInfo>): void {
    this.account = { known: true, value: { ...ACCOUNT, ...change } };
  }

  /** From, to and cause of what was told. */
  get news(): readonly string[] {
    return this.notices.map(({ from, to, cause }) => `${from} → ${to}: ${cause}`);
  }

  #answer<T>(read: () => T, counts = false): Promise<T> {
    if (counts) this.probes.push(this.clock.now() - START);
    if (this.slowMs === 0) return Promise.resolve(read());
    return new Promise((resolve) => this.clock.at(this.clock.now() + this.slowMs, () => resolve(read())));
  }
}
