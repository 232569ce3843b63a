/** What a strategy's runtime is made with. */
import type { Clock } from '../clock.ts';
import type { StoredTransition } from '../domain/history.ts';
import type { StrategyRisk as RiskSettings } from '../risk/risk-settings.ts';
import type { GuestHost } from '../worker/host.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import type { Deployment } from './deployment.ts';
import type { Logger } from './log-sink.ts';
import type { StrategyActor, StrategyActorOptions } from './strategy-actor.ts';
import type { BookState } from './book-types.ts';
import type { StrategyBook } from './strategy-book.ts';
import type { StrategySettings } from './strategy-events.ts';

export interface RuntimeOptions {
  readonly name: string;
  readonly deployment: Deployment;
  readonly book: StrategyBook;
  /** Its state from before, which it goes on with. */
  readonly recalled: BookState | undefined;
  /** Caps and halt rules in force for a definition. */
  readonly risk: (definition: WireDefinition) => RiskSettings;
  /** No event gets a number above this before the next reservation. */
  readonly reserve: (upTo: number) => void;
  /** The wall clock: supervision runs on it whatever the market's time is. */
  readonly clock: Clock;
  readonly createHost: (definition: WireDefinition) => GuestHost;
  readonly settings?: Partial<StrategySettings>;
  /** Of a run that ends with its data: code that is lost, or hangs, is lost for good. */
  readonly isBounded?: boolean;
  readonly spawn: (options: StrategyActorOptions) => StrategyActor;
  readonly log: Logger;
  /** Told of every state that is entered; `seq` is that of its event. */
  readonly onTransition: (transition: Pick<StoredTransition, 'seq' | 'from' | 'to' | 'event'>) => void;
}
