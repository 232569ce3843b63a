/**
 * Runs one strategy's code: loads the file, creates the strategy, works through turns. The same in
 * a thread and inline; every answer is a message of the protocol, failures included.
 */
import type { Callbacks, Ctx } from './api.ts';
import { isStrategyDefinition } from './define.ts';
import type { StrategyDefinition } from './definition-types.ts';
import { describe } from './describe.ts';
import {
  argumentOf,
  CALLBACK_NAMES,
  callbackOf,
  checkedCallbacks,
  isThenable,
  type SymbolOf,
} from './guest-callbacks.ts';
import { makeCtx, Moment } from './guest-ctx.ts';
import { toWireError } from './guest-errors.ts';
import { FloodAlarm, MAX_DEFINITION_TEXT } from './guest-flood.ts';
import { GuestLog } from './guest-log.ts';
import { GuestView } from './guest-view.ts';
import { indicators } from './indicators.ts';
import { textLength } from './log-fields.ts';
import type { CallbackName, FromGuest, ToGuest, WireDefinition, WireIntent, WireItem } from './protocol.ts';
import { AnchoredError, shapeError, show } from './shape.ts';
import type { ErrorCode } from '../errors.ts';

type Create = Extract<ToGuest, { kind: 'create' }>;
type Turn = Extract<ToGuest, { kind: 'turn' }>;
type Failed = Extract<FromGuest, { kind: 'failed' }>;

interface Loaded {
  readonly definition: StrategyDefinition;
  readonly wire: WireDefinition;
  readonly symbols: ReadonlyMap<string, string>;
}

interface Run {
  readonly callbacks: Callbacks;
  readonly ctx: Ctx;
  readonly view: GuestView;
  readonly symbolOf: SymbolOf;
}

export class GuestRuntime {
  readonly log: GuestLog;
  readonly #alarm: FloodAlarm;
  readonly #moment: Moment;
  /** What of the author's code runs: its own timers and promises where it is no callback. */
  #during: Failed['during'] = 'background';
  #loaded: Loaded | undefined;
  #run: Run | undefined;

  /** @param tell hears of a flood while the author's code goes on with it */
  constructor(tell: (failure: FromGuest) => void = () => undefined) {
    this.#alarm = new FloodAlarm((flood) => tell(this.#failed(this.#during, flood, 'QKT_E_FLOODING')));
    this.log = new GuestLog(this.#alarm);
    this.#moment = new Moment(this.#alarm);
  }

  /** Only `load` takes time; the others are answered at once. */
  handle(message: ToGuest): FromGuest | Promise<FromGuest> {
    if (message.kind === 'load') return this.load(message.module);
    return message.kind === 'create' ? this.create(message) : this.turn(message);
  }

  async load(module: string): Promise<FromGuest> {
    this.#during = 'load';
    try {
      const exported = (await import(/* @vite-ignore */ module)) as { readonly default?: unknown };
      const definition = exported.default;
      if (definition === undefined)
        throw shapeError('the file has no default export: export default defineStrategy({…})');
      if (!isStrategyDefinition(definition))
        throw shapeError(`the default export is ${show(definition)} that defineStrategy has not made`);
      const wire = describe(definition);
      if (textLength(wire) > MAX_DEFINITION_TEXT)
        throw shapeError(`the definition holds more than ${MAX_DEFINITION_TEXT} characters`);
      this.#endFlood();
      this.#loaded = { definition, wire, symbols: new Map(wire.streams.map(({ key, symbol }) => [key, symbol])) };
      return { kind: 'loaded', definition: wire };
    } catch (thrown) {
      return this.#failed('load', thrown, 'QKT_E_STRATEGY_LOAD');
    } finally {
      this.#during = 'background';
    }
  }

  create(message: Create): FromGuest {
    this.#during = 'create';
    const loaded = this.#loaded;
    if (loaded === undefined) return this.#failed('create', shapeError('nothing is loaded'), 'QKT_E_STRATEGY_SHAPE');
    try {
      const params = Object.freeze({ ...message.params });
      const returned = this.#withConsole(() => loaded.definition.create({ params, indicators }));
      this.#endFlood();
      const callbacks = checkedCallbacks(returned, loaded.wire);
      const view = new GuestView(message.state, loaded.wire.streams);
      const { strategy, run } = message;
      const streams = loaded.wire.streams.map(({ key }) => key);
      this.#run = {
        callbacks,
        view,
        symbolOf: (stream) => loaded.symbols.get(stream) ?? '',
        ctx: makeCtx({ strategy, run, streams, moment: this.#moment, view, log: this.log }),
      };
      return { kind: 'created', callbacks: CALLBACK_NAMES.filter((name) => callbacks[name] !== undefined) };
    } catch (thrown) {
      return this.#failed('create', thrown, 'QKT_E_STRATEGY_LOAD');
    } finally {
      this.#during = 'background';
    }
  }

  /** Runs the items in order, up to the first whose callback asks for something: the desk applies that before anything later. */
  turn(turn: Turn): FromGuest {
    const run = this.#run;
    if (run === undefined) return this.#failed('create', shapeError('nothing is created'), 'QKT_E_STRATEGY_SHAPE');
    if (turn.state !== undefined) run.view.setState(turn.state);
    return this.#withConsole(() => this.#work(run, turn));
  }

  #work(run: Run, { id, items }: Turn): FromGuest {
    let evaluations = 0;
    let consumed = 0;
    let intents: readonly WireIntent[] = [];
    for (const item of items) {
      consumed += 1;
      this.#enter(run, item);
      const name = callbackOf(item);
      if (name === undefined || run.callbacks[name] === undefined) continue;
      try {
        this.#call(run, name, item);
        this.#endFlood();
      } catch (thrown) {
        this.#moment.take();
        return this.#failed(name, thrown, 'QKT_E_CALLBACK');
      }
      if ((item.kind === 'bar' || item.kind === 'tick') && !this.#moment.warming) evaluations += 1;
      intents = this.#moment.take();
      if (intents.length > 0) break;
    }
    return { kind: 'done', id, consumed, intents, logs: this.log.drain(), evaluations };
  }

  /** A failure outside every callback, as a message. @param cause `rejected` for a promise that nobody caught */
  background(thrown: unknown, cause: 'threw' | 'rejected'): FromGuest {
    return this.#failed('background', thrown, 'QKT_E_CALLBACK', cause);
  }

  /** Caught by the author's code, it is the end all the same. */
  #endFlood(): void {
    if (this.#alarm.flood !== undefined) throw this.#alarm.flood;
  }

  #enter({ view }: Run, item: WireItem): void {
    this.#moment.now = item.now;
    this.#moment.warming = item.warming ?? false;
    if (item.quotes !== undefined) for (const quote of item.quotes) view.setQuote(quote);
    if (item.kind === 'tick') view.setQuote(item);
  }

  #call({ callbacks, ctx, symbolOf }: Run, name: CallbackName, item: WireItem): void {
    const callback = callbacks[name] as (this: Callbacks, ...args: readonly unknown[]) => unknown;
    this.#moment.isOpen = true;
    this.#during = name;
    try {
      const returned =
        item.kind === 'stop'
          ? callback.call(callbacks, ctx)
          : callback.call(callbacks, argumentOf(item, symbolOf), ctx);
      if (!isThenable(returned)) return;
      // Its own rejection is no second failure.
      Promise.resolve(returned).catch(() => undefined);
      throw new AnchoredError('QKT_E_ASYNC_CALLBACK', `${name} returned a promise: callbacks are synchronous`, name);
    } finally {
      this.#moment.isOpen = false;
      this.#during = 'background';
    }
  }

  /** Inline, the console is the daemon's: the author's code gets its own for as long as it runs. */
  #withConsole<Result>(code: () => Result): Result {
    const before = globalThis.console;
    globalThis.console = this.log.console;
    try {
      return code();
    } finally {
      globalThis.console = before;
    }
  }

  #failed(during: Failed['during'], thrown: unknown, fallback: ErrorCode, told: Failed['cause'] = 'threw'): Failed {
    const cause = thrown === this.#alarm.flood && thrown !== undefined ? 'flooding' : told;
    return { kind: 'failed', during, cause, error: toWireError(thrown, fallback), logs: this.log.drain() };
  }
}
