/** The drills: what is done to the twin, and what is expected of it. */
import type { ToTwin } from './protocol.ts';
import { TARGET_SYMBOLS } from './strategies.ts';
import type { Drill, Fault } from './types.ts';
import type { Twin } from './twin.ts';

/** The contract's: a hang is seen within this. */
const HANG_SEEN_MS = 2_000;
/** What is told in the turn in which it happens, with room for a busy machine. */
const AT_ONCE_MS = 1_000;
/** Back-off of a second, a thread, a launch. */
const RESTARTED_MS = 5_000;
/** The journal calls a disk stalled after 5 s. */
const STALL_SEEN_MS = 6_000;
/** The disk is looked at every 2 s, and at every write. */
const DISK_SEEN_MS = 3_000;
/** What was kept is written, and the reserve is taken again; tried every second. */
const WRITTEN_MS = 5_000;
/** A feed is stale after 10 s. */
const STALE_SEEN_MS = 11_000;
/** Three looks at the gateway in a row, one a second, that fail. */
const LOSS_SEEN_MS = 5_000;
/** It is looked at every 5 s at most; then its account is verified and the book compared. */
const REGAINED_MS = 10_000;
/** Alerts are looked at every second. */
const TOLD_MS = 2_000;
/** How long a feed and a gateway must be away in a twin; `twin-process.ts` sets it. */
const HELD_MS = 2_000;
const HOUR_MS = 3_600_000;
/** Three restarts with a back-off that doubles. */
const BUDGET_SPENT_MS = 20_000;

const injects = (message: ToTwin) => (twin: Twin) => twin.inject(message);
const mends =
  (message: ToTwin): NonNullable<Drill['mend']> =>
  ({ twin }) =>
    twin.inject(message);
const misbehaves = (twin: Twin) => twin.misbehave();

const LOST = {
  detectedMs: AT_ONCE_MS,
  gateClosedMs: AT_ONCE_MS,
  haltedMs: null,
  alertedMs: null,
  recoveredMs: RESTARTED_MS,
};

export const DRILLS: Readonly<Record<Fault, Drill>> = {
  hang: {
    fault: 'hang',
    what: 'the code enters an endless loop',
    surface: 'health',
    alert: 'strategy_halted',
    busy: true,
    misdeed: 'for (;;);',
    // The grace of a hang is 10 s.
    expect: {
      detectedMs: HANG_SEEN_MS,
      gateClosedMs: HANG_SEEN_MS,
      haltedMs: 3_000,
      alertedMs: 3_000 + TOLD_MS,
      recoveredMs: 16_000,
    },
    inject: misbehaves,
  },
  crash: {
    fault: 'crash',
    what: 'a callback throws',
    surface: 'health',
    misdeed: 'throw new Error("it crashes once");',
    expect: LOST,
    inject: misbehaves,
  },
  'crash-loop': {
    fault: 'crash-loop',
    what: 'a callback throws, and so does every later attempt to build the strategy, until the budget is spent; then it is mended and started',
    surface: 'health',
    misdeed: 'throw new Error("it crashes");',
    again: true,
    expect: LOST,
    inject: misbehaves,
    mend: async ({ twin, reaches }) => {
      await reaches('failed', BUDGET_SPENT_MS);
      return twin.startTarget();
    },
  },
  'out-of-memory': {
    fault: 'out-of-memory',
    what: 'the code allocates without end',
    surface: 'health',
    busy: true,
    misdeed: 'const all = []; for (;;) all.push(new Array(10_000).fill(all.length));',
    expect: { ...LOST, detectedMs: HANG_SEEN_MS, gateClosedMs: HANG_SEEN_MS, recoveredMs: 16_000 },
    inject: misbehaves,
  },
  'worker-flood': {
    fault: 'worker-flood',
    what: 'the code asks for orders without end in one callback',
    surface: 'health',
    busy: true,
    misdeed: `for (;;) ctx.buy('${TARGET_SYMBOLS[0]}', { qty: 1 });`,
    expect: LOST,
    inject: misbehaves,
  },
  'stale-feed': {
    fault: 'stale-feed',
    what: 'the quotes of one symbol cease',
    surface: 'ready',
    alert: 'stale_feed',
    expect: {
      detectedMs: STALE_SEEN_MS,
      gateClosedMs: STALE_SEEN_MS,
      haltedMs: null,
      alertedMs: STALE_SEEN_MS + HELD_MS + TOLD_MS,
      recoveredMs: 3_000,
    },
    inject: injects({ kind: 'feed', symbol: TARGET_SYMBOLS[0]!, silent: true }),
    mend: mends({ kind: 'feed', symbol: TARGET_SYMBOLS[0]!, silent: false }),
  },
  'gateway-loss': {
    fault: 'gateway-loss',
    what: 'the process of an MT5 gateway is killed while the target trades on it, and started again',
    surface: 'ready',
    alert: 'gateway_down',
    venue: 'mt5',
    expect: {
      detectedMs: LOSS_SEEN_MS,
      gateClosedMs: LOSS_SEEN_MS,
      haltedMs: null,
      alertedMs: LOSS_SEEN_MS + HELD_MS + TOLD_MS,
      recoveredMs: REGAINED_MS,
    },
    inject: injects({ kind: 'gateway', alive: false }),
    mend: mends({ kind: 'gateway', alive: true }),
  },
  'rejection-storm': {
    fault: 'rejection-storm',
    what: 'the venue rejects every order; the strategy halts at ten, and is resumed by hand',
    surface: 'ready',
    alert: 'strategy_halted',
    expect: { detectedMs: 3_000, gateClosedMs: 3_000, haltedMs: 3_000, alertedMs: 3_000 + TOLD_MS, recoveredMs: 3_000 },
    inject: injects({ kind: 'reject', share: 1 }),
    mend: mends({ kind: 'reject', share: 0 }),
  },
  'slow-disk': {
    fault: 'slow-disk',
    what: "the journal's writes do not come to an end",
    surface: 'daemon',
    alert: 'journal_failed',
    expect: {
      detectedMs: STALL_SEEN_MS,
      gateClosedMs: STALL_SEEN_MS,
      haltedMs: null,
      alertedMs: STALL_SEEN_MS + TOLD_MS,
      recoveredMs: WRITTEN_MS,
    },
    inject: injects({ kind: 'disk', disk: 'held' }),
    mend: mends({ kind: 'disk', disk: 'well' }),
  },
  'full-disk': {
    fault: 'full-disk',
    what: 'the journal has no byte left but its reserve',
    surface: 'daemon',
    alert: 'journal_failed',
    expect: {
      detectedMs: DISK_SEEN_MS,
      gateClosedMs: DISK_SEEN_MS,
      haltedMs: null,
      alertedMs: DISK_SEEN_MS + TOLD_MS,
      recoveredMs: WRITTEN_MS,
    },
    inject: injects({ kind: 'disk', disk: 'full' }),
    mend: mends({ kind: 'disk', disk: 'well' }),
  },
  'clock-jump': {
    fault: 'clock-jump',
    what: 'the time of day jumps an hour ahead, and an hour back',
    surface: 'daemon',
    expect: { detectedMs: AT_ONCE_MS, gateClosedMs: null, haltedMs: null, alertedMs: null, recoveredMs: 3_000 },
    inject: injects({ kind: 'clock', offsetMs: HOUR_MS }),
    mend: mends({ kind: 'clock', offsetMs: 0 }),
  },
};
