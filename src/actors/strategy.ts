/**
 * The life of one strategy. Nothing here waits for the author's code: the guest's thread can be
 * ended at any moment, and every step that asks something of the outside has a deadline.
 *
 * | state        | meaning                                                     | who may leave it                                     |
 * |--------------|-------------------------------------------------------------|------------------------------------------------------|
 * | stopped      | nothing runs; `context.stop` says what the stop came to     | START, RESTART; STOP if something was left           |
 * | starting     | the guest's thread boots and builds the strategy            | launch done · failed · late, STOP, FAULT             |
 * | recovering   | journal folded, venue reconciled; no orders                 | recover done · failed · late, CRASHED, STOP, FAULT   |
 * | warming      | the guest is fed its warm-up; no orders                     | WARMED, HALT, HUNG, CRASHED, STOP, FAULT             |
 * | trading      | the gate is open, here and nowhere else                     | HALT, HUNG, CRASHED, STOP, FAULT                     |
 * | halting      | gate closed; working entries are being cancelled            | cancelled · given up, STOP, FAULT                    |
 * | halted       | gate closed; only exits and protective orders pass          | RESUME with a reason, HALT (another cause), HUNG, CRASHED, STOP, FAULT |
 * | unresponsive | the guest hangs; gate closed; halt and stop still work      | ANSWERED, HALT, grace over, CRASHED, STOP, FAULT     |
 * | crashed      | the guest is gone; a restart is due                         | back-off over, HALT, STOP, FAULT                     |
 * | failed       | no restart is left (or the first start failed): latched;    | START, RESTART, HALT, STOP                           |
 * |              | what it has working is dealt with as its `onHang` says      |                                                      |
 * | stopping     | cancelling → flattening (if asked) → draining               | its steps, each by its end or its deadline           |
 *
 * In every state: PROGRESS keeps the view; HALT adds its cause and keeps the gate closed; STOP
 * begins a stop or joins the one under way, which begins anew where only the later one is to
 * flatten; REPLACE starts new code in the guest, except while halting and stopping. A halt cause
 * leaves by RESUME alone: it outlives restarts, crashes, stops and starts, and with one in force
 * `trading` cannot be reached. A RESUME of the book is taken in `stopped` and `failed` as well, where
 * it lifts the book's causes and nothing trades by it.
 *
 * Events, context, and the actors and actions that the runtime provides: `strategy-events.ts`.
 */
import * as change from './strategy-context.ts';
import { DELAY_TEXTS } from './strategy-events.ts';
import { strategySetup } from './strategy-setup.ts';

/** What follows when the guest is lost; `crashed` becomes `failed` in the same step when no restart is left. */
const LOST = { target: 'crashed', actions: 'noteCrash' } as const;

/** Where a halt ends, by what has become of the guest meanwhile. */
const afterHalt = <const A>(actions: A) =>
  [
    { guard: 'guestDead', target: 'crashed', actions },
    { guard: 'guestHung', target: 'unresponsive', actions },
    { target: 'halted', actions },
  ] as const;

/** A halt whose cancelling is not known to have worked: `halted` all the same, and said so. */
const uncancelled = <const W extends string>(what: W) => ({ type: 'noteLeft', params: { left: [what] } }) as const;

const afterCancel = <const A>(actions: A) =>
  [
    { guard: 'flattenAsked', target: 'flattening', actions },
    { target: 'draining', actions },
  ] as const;

/** A step of the stop whose outcome is not known: it is named, and the next step begins. */
const unverified = <const W extends string>(what: W) => ({ type: 'stopUnverified', params: { what } }) as const;

const HALT = { target: 'halting', actions: 'addCause' } as const;
const HUNG = { target: 'unresponsive', actions: ['guestHangs', { type: 'arm', params: { step: 'hang' } }] } as const;
const BEGIN = { target: 'starting', actions: 'begin' } as const;
const RESUME_BOOK = { guard: 'liftsBook', actions: 'lift', description: "the book's causes" } as const;

export const strategyMachine = strategySetup.createMachine({
  id: 'strategy',
  meta: { delays: DELAY_TEXTS },
  context: ({ input }) => change.initialContext(input),
  initial: 'stopped',
  on: {
    PROGRESS: { actions: 'keepView' },
    HALT: { actions: ['closeGate', 'addCause'] },
    STOP: { target: '.stopping', actions: 'requestStop' },
    REPLACE: { target: '.starting', actions: 'begin' },
  },
  states: {
    stopped: {
      tags: ['ended', 'removable'],
      description: 'Nothing runs. Gate closed.',
      entry: ['closeGate', 'terminateGuest'],
      always: { guard: 'latched', target: 'failed' },
      on: {
        STOP: [{ guard: 'stopsAgain', target: 'stopping', actions: 'requestStop' }, { description: 'same result' }],
        START: BEGIN,
        RESTART: BEGIN,
        RESUME: RESUME_BOOK,
        FAULT: { actions: 'noteFault' },
      },
    },
    starting: {
      tags: ['live'],
      description: 'The guest boots. Gate closed.',
      entry: ['closeGate', 'terminateGuest', { type: 'arm', params: { step: 'launch' } }],
      invoke: {
        src: 'launch',
        id: 'launch',
        input: ({ context }) => ({ deadline: context.deadlines.launch ?? 0 }),
        onDone: { target: 'recovering', actions: 'guestRuns' },
        onError: LOST,
      },
      after: { launchTimeout: LOST },
      on: { CRASHED: LOST, FAULT: LOST },
    },
    recovering: {
      tags: ['live'],
      description: 'Journal folded, venue reconciled. Gate closed.',
      entry: ['closeGate', { type: 'arm', params: { step: 'recover' } }],
      invoke: {
        src: 'recover',
        id: 'recover',
        input: ({ context }) => ({ deadline: context.deadlines.recover ?? 0 }),
        onDone: [
          {
            guard: { type: 'haltRecovered', params: ({ event }) => event.output },
            target: 'halting',
            actions: { type: 'recovered', params: ({ event }) => event.output },
          },
          { target: 'warming', actions: { type: 'recovered', params: ({ event }) => event.output } },
        ],
        onError: LOST,
      },
      after: { recoverTimeout: LOST },
      on: { CRASHED: LOST, FAULT: LOST },
    },
    warming: {
      tags: ['live'],
      description: 'The guest is fed its warm-up. Gate closed.',
      entry: 'closeGate',
      on: { WARMED: { target: 'trading', actions: 'warmed' }, HALT, HUNG, CRASHED: LOST, FAULT: LOST },
    },
    trading: {
      tags: ['live', 'gateOpen'],
      description: 'Gate open: entries pass the risk gate.',
      entry: 'openGate',
      on: { HALT, HUNG, CRASHED: LOST, FAULT: LOST },
    },
    halting: {
      tags: ['live', 'halted'],
      description: 'Gate closed. Working entries are being cancelled; protective stops and targets stay.',
      entry: ['closeGate', { type: 'arm', params: { step: 'halt' } }],
      invoke: {
        src: 'cancelEntries',
        id: 'cancelEntries',
        input: ({ context }) => ({ deadline: context.deadlines.halt ?? 0 }),
        onDone: afterHalt({ type: 'noteLeft', params: ({ event }) => event.output }),
        onError: afterHalt(uncancelled('working entries: cancelling failed')),
      },
      after: {
        haltTimeout: afterHalt(uncancelled('working entries: not confirmed in time')),
      },
      on: {
        REPLACE: {},
        WARMED: { actions: 'warmed' },
        HUNG: { actions: HUNG.actions },
        ANSWERED: { actions: 'guestRuns' },
        CRASHED: { actions: 'noteCrash' },
        FAULT: afterHalt(['noteFault', uncancelled('working entries: interrupted by a fault')]),
      },
    },
    halted: {
      tags: ['live', 'halted'],
      description:
        'Gate closed. Exits and protective orders pass, entries are denied. Only RESUME with a reason leads back.',
      entry: 'closeGate',
      on: {
        HALT,
        WARMED: { actions: 'warmed' },
        RESUME: [
          { guard: 'liftsAllAndWarm', target: 'trading', actions: 'lift' },
          { guard: 'liftsAll', target: 'warming', actions: 'lift' },
          { guard: 'hasReason', actions: 'lift' },
        ],
        HUNG,
        CRASHED: LOST,
        FAULT: LOST,
      },
    },
    unresponsive: {
      tags: ['live'],
      description: 'The guest hangs. Gate closed. Halt and stop go on working without it.',
      entry: 'closeGate',
      after: { hangGrace: LOST },
      on: {
        ANSWERED: [
          { guard: 'haltInForce', target: 'halted', actions: 'guestRuns' },
          { guard: 'isWarm', target: 'trading', actions: 'guestRuns' },
          { target: 'warming', actions: 'guestRuns' },
        ],
        HALT,
        CRASHED: LOST,
        FAULT: LOST,
      },
    },
    crashed: {
      description: 'The guest is gone, a restart is due. Gate closed.',
      entry: ['closeGate', 'terminateGuest'],
      always: { guard: 'latched', target: 'failed' },
      after: { backOff: { target: 'starting', actions: 'restart' } },
      on: { HALT, FAULT: { target: 'failed', actions: 'latch' } },
    },
    failed: {
      tags: ['ended'],
      description: 'No restart is left. Gate closed. Entries are cancelled, unless its onHang is hold. Latched.',
      entry: ['closeGate', 'terminateGuest', { type: 'arm', params: { step: 'halt' } }],
      invoke: {
        src: 'abandon',
        id: 'abandon',
        input: ({ context }) => ({ deadline: context.deadlines.halt ?? 0 }),
        onDone: { actions: { type: 'noteLeft', params: ({ event }) => event.output } },
        onError: { actions: uncancelled('working entries: cancelling failed') },
      },
      on: { HALT, START: BEGIN, RESTART: BEGIN, RESUME: RESUME_BOOK, FAULT: { actions: 'noteFault' } },
    },
    stopping: {
      description: 'Gate closed for good. Ends in stopped, with what is left named.',
      entry: 'closeGate',
      on: {
        STOP: [
          { guard: 'addsFlattening', target: '.cancelling', actions: 'requestStop' },
          { description: 'joins this one' },
        ],
        REPLACE: {},
        HUNG: { actions: 'guestHangs' },
        ANSWERED: { actions: 'guestRuns' },
        CRASHED: { actions: 'guestLost' },
      },
      initial: 'cancelling',
      states: {
        cancelling: {
          description: 'Working entries are being cancelled.',
          invoke: {
            src: 'cancelEntries',
            id: 'cancelEntries',
            input: ({ context }) => ({ deadline: context.stop?.cancelBy ?? 0 }),
            onDone: afterCancel({ type: 'stopCancelled', params: ({ event }) => event.output }),
            onError: afterCancel(unverified('working entries: cancelling failed')),
          },
          after: { cancelTimeout: afterCancel(unverified('working entries: not confirmed in time')) },
          on: { FAULT: afterCancel(['noteFault', unverified('working entries: interrupted by a fault')]) },
        },
        flattening: {
          description: 'Positions are being closed, and the venue asked whether they are.',
          invoke: {
            src: 'flatten',
            id: 'flatten',
            input: ({ context }) => ({ deadline: context.stop?.flattenBy ?? 0 }),
            onDone: { target: 'draining', actions: { type: 'stopFlattened', params: ({ event }) => event.output } },
            onError: { target: 'draining', actions: unverified('positions: flattening failed') },
          },
          after: {
            flattenTimeout: { target: 'draining', actions: unverified('positions: not confirmed flat in time') },
          },
          on: {
            FAULT: { target: 'draining', actions: ['noteFault', unverified('positions: interrupted by a fault')] },
          },
        },
        draining: {
          description: "The author's onStop runs, fills in flight are booked.",
          invoke: {
            src: 'drain',
            id: 'drain',
            input: ({ context }) => ({ deadline: context.stop?.deadline ?? 0, guest: context.guest }),
            onDone: {
              target: '#strategy.stopped',
              actions: [{ type: 'stopDrained', params: ({ event }) => event.output }, 'endStop'],
            },
            onError: { target: '#strategy.stopped', actions: [unverified('draining failed'), 'endStop'] },
          },
          after: {
            drainTimeout: { target: '#strategy.stopped', actions: [unverified('draining: out of time'), 'endStop'] },
          },
          on: {
            FAULT: {
              target: '#strategy.stopped',
              actions: ['noteFault', unverified('draining: interrupted by a fault'), 'endStop'],
            },
          },
        },
      },
    },
  },
});
