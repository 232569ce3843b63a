/**
 * The error catalogue. Every refusal that a person or a program can meet has a stable code, an
 * HTTP status, a CLI exit code and a hint that says what to do. `docs/errors.md` lists the same rows
 * (a test compares them).
 */

/** 1 refused or failed · 2 wrong usage · 3 no daemon reachable · 4 unhealthy · 5 timed out. */
export type ExitCode = 1 | 2 | 3 | 4 | 5;

export interface CatalogueRow {
  readonly title: string;
  readonly status: number;
  readonly exit: ExitCode;
  readonly hint: string;
}

const row = (title: string, status: number, exit: ExitCode, hint: string): CatalogueRow => ({
  title,
  status,
  exit,
  hint,
});

export const CATALOGUE = {
  QKT_E_BAD_REQUEST: row('The request is not valid', 400, 2, 'Correct the field that the detail names.'),
  QKT_E_UNKNOWN_PATH: row('There is nothing at this path', 404, 1, 'See /openapi.json for the routes.'),
  QKT_E_METHOD: row('This path does not take that method', 405, 1, 'Use one of the methods in the Allow header.'),
  QKT_E_BODY_TOO_LARGE: row('The body is larger than 64 KiB', 413, 2, 'Send a smaller body.'),
  QKT_E_HEADERS_TOO_LARGE: row('The headers are larger than 16 KiB', 431, 2, 'Send fewer or shorter headers.'),
  QKT_E_REQUEST_TIMEOUT: row(
    'The request did not arrive in time',
    408,
    1,
    'Send the headers within 5 s and the whole request within 10 s.',
  ),
  QKT_E_MEDIA_TYPE: row('The body must be application/json', 415, 2, 'Send Content-Type: application/json.'),
  QKT_E_FOREIGN_HOST: row(
    'The Host header is not one of ours',
    421,
    1,
    'Ask for 127.0.0.1, localhost or a name given with --allowed-host.',
  ),
  QKT_E_FOREIGN_ORIGIN: row(
    'Requests from other web pages are refused',
    403,
    1,
    'Use the CLI, or the dashboard that this daemon serves.',
  ),
  QKT_E_UNAUTHORIZED: row(
    'A bearer token is needed',
    401,
    1,
    'Send Authorization: Bearer with the token in <state>/control.token, or one made by qkt token add.',
  ),
  QKT_E_FORBIDDEN: row('The token has too small a scope', 403, 1, 'Use a token with the scope that the detail names.'),
  QKT_E_TOO_MANY_STREAMS: row('Too many streams are open', 503, 1, 'Close one, or try again later.'),
  QKT_E_TOO_MANY_CONSUMERS: row(
    'No more consumers can be named',
    409,
    1,
    'Remove one that is not used: GET /events/consumers lists them.',
  ),
  QKT_E_IDEMPOTENCY: row(
    'The Idempotency-Key was used for another request',
    409,
    1,
    'Use a new key for a new request.',
  ),
  QKT_E_INTERNAL: row('Something failed inside the daemon', 500, 1, 'See the daemon log; the request id is in it.'),
  QKT_E_STARTING: row('The daemon is not ready yet', 503, 4, 'Try again in a moment.'),

  QKT_E_STRATEGY_NAME: row(
    'That is not a valid strategy name',
    400,
    2,
    'Use letters, digits, _ and -, at most 64, not starting with _ or -, and not "daemon".',
  ),
  QKT_E_UNKNOWN_STRATEGY: row('No strategy has that name', 404, 1, 'See qkt list.'),
  QKT_E_NAME_TAKEN: row(
    'A strategy with that name is deployed already',
    409,
    1,
    'Deploy under another name (--as) or replace it (--replace).',
  ),
  QKT_E_STATE: row('The command is not possible in this state', 409, 1, 'See allowed for what is.'),
  QKT_E_WOULD_TRIP: row(
    'A resume would halt again at once',
    409,
    1,
    'Mend what the preview names, or take the reference anew with `rebase` (on the command line `--rebase peak` or `--rebase day`).',
  ),
  QKT_E_BOOK_HALT: row('A halt of the whole book is in force', 409, 1, 'Lift it with qkt resume --all.'),
  QKT_E_NOT_FLAT: row('The strategy still holds a position', 409, 1, 'Stop it with flatten first.'),
  QKT_E_UNKNOWN_OPERATION: row('No operation has that id', 404, 1, 'Operations are kept for an hour.'),
  QKT_E_UNKNOWN_ALERT: row('No alert of that id is active', 404, 1, 'See qkt alerts.'),
  QKT_E_UNKNOWN_SILENCE: row('No silence has that id', 404, 1, 'See qkt alerts silences.'),
  QKT_E_UNKNOWN_CHANNEL: row('No channel has that name', 404, 1, 'See qkt alerts channels.'),
  QKT_E_STOP_UNVERIFIED: row(
    'The stop could not be verified in time',
    504,
    5,
    'See what is left in the result: mend its gateway where that is named there (qkt gateways), then stop again; otherwise stop again with a longer timeout (`timeoutMs`, on the command line `--timeout`).',
  ),
  QKT_E_DEPLOY_TIMEOUT: row(
    'The strategy did not become ready in time',
    504,
    5,
    'Look for a loop without end at the top of the file or in create: that is the usual cause.',
  ),

  QKT_E_FILE: row('The file cannot be read', 400, 1, 'Check the path and its permissions.'),
  QKT_E_STRATEGY_SYNTAX: row('The strategy file does not compile', 400, 1, 'Mend the line that the detail names.'),
  QKT_E_STRATEGY_LOAD: row(
    'The strategy file failed while it was loaded',
    400,
    1,
    'Mend the line that the detail names.',
  ),
  QKT_E_STRATEGY_SHAPE: row(
    'The file is not a strategy',
    400,
    1,
    'Export one defineStrategy({…}) as default; see docs/writing-a-strategy.md.',
  ),
  QKT_E_PARAM: row('A parameter is not valid', 400, 2, 'See the bounds of the parameter in the strategy file.'),
  QKT_E_UNKNOWN_SYMBOL: row(
    'A symbol is not known',
    400,
    1,
    'Add it under instruments in the configuration, or correct it.',
  ),
  QKT_E_UNKNOWN_VENUE: row('A venue is not known', 400, 1, 'Add it under venues in the configuration, or correct it.'),
  QKT_E_SYMBOL_SHARED: row(
    'Another strategy trades this symbol on a netting account',
    409,
    1,
    'Use another account or symbol.',
  ),
  QKT_E_CALLBACK: row('A callback of the strategy failed', 500, 1, 'Mend the line that the detail names.'),
  QKT_E_ASYNC_CALLBACK: row('A callback returned a promise', 500, 1, 'Callbacks are synchronous: return nothing.'),
  QKT_E_INTENT: row(
    'An order that the strategy asked for is not valid',
    500,
    1,
    'Mend the line that the detail names.',
  ),
  QKT_E_WORKER_EXIT: row('The strategy thread ended by itself', 500, 1, 'See the log for its last lines.'),
  QKT_E_FLOODING: row(
    'The strategy floods the daemon',
    500,
    1,
    'Look for a loop that orders, logs or sends without end; docs/writing-a-strategy.md has the bounds.',
  ),
  QKT_E_UNRESPONSIVE: row(
    'The strategy does not answer',
    500,
    1,
    'Its code is stuck: stop it, and look for a loop without end.',
  ),

  QKT_E_REPLAY_FILE: row(
    'The replay file cannot be used',
    400,
    1,
    'Mend what the detail names; see docs/replay-files.md.',
  ),
  QKT_E_REPLAY_SYMBOL: row('The replay file has no symbol column', 400, 2, 'Name the symbol with --symbol.'),

  QKT_E_CONFIG: row(
    'The configuration is not valid',
    400,
    2,
    'Mend the line that the detail names; qkt config check shows the rest.',
  ),
  QKT_E_CONFIG_FILE: row('The configuration file cannot be read', 400, 2, 'Check the path.'),
  QKT_E_USAGE: row('Wrong usage', 400, 2, 'See qkt --help.'),

  QKT_E_PORT_POOL_EMPTY: row(
    'No port of the pool is free',
    409,
    1,
    'Remove a strategy, or give a larger pool with --port-pool.',
  ),
  QKT_E_PORT_BUSY: row(
    'The control port is taken by another program',
    409,
    1,
    'Stop that program, or choose another port with --control-port.',
  ),
  QKT_E_STATE_DIR: row('The state directory cannot be used', 500, 1, 'Check its owner and permissions (0700).'),
  QKT_E_DISK_FULL: row(
    'The disk of the state directory is full',
    507,
    1,
    'Make room on it (df shows how much there is); nothing was changed.',
  ),
  QKT_E_JOURNAL_DAMAGED: row(
    'The journal is damaged',
    500,
    1,
    'Nothing was changed. Move <state>/journal aside and bring the last backup back with qkt restore <file>.',
  ),
  QKT_E_JOURNAL_NEWER: row(
    'The journal was written by a newer qkt',
    500,
    1,
    'Run that version, or move <state>/journal aside; nothing was changed.',
  ),
  QKT_E_JOURNAL_FAILED: row(
    'The journal cannot be written',
    503,
    1,
    'Make room on the disk of the state directory or mend it; writing goes on by itself.',
  ),
  QKT_E_BACKUP: row('The backup cannot be used', 400, 1, 'Give the file of a complete qkt backup of this version.'),
  QKT_E_STATE_NOT_EMPTY: row(
    'The state directory already holds a journal',
    409,
    1,
    'Restore into an empty state directory, or move <state>/journal aside.',
  ),
  QKT_E_LOCKED: row('Another daemon uses this state directory', 409, 1, 'Stop it, or use another --state-dir.'),
  QKT_E_NO_DAEMON: row(
    'No daemon is running here',
    503,
    3,
    'Start one with qkt daemon start; qkt doctor tells of one that is not found.',
  ),
  QKT_E_UNHEALTHY: row('Not healthy', 503, 4, 'See the leases that are broken.'),
  QKT_E_TIMEOUT: row('Timed out before the outcome was known', 504, 5, 'Ask again: see the operation for its result.'),
  QKT_E_BIND: row('Not bound to loopback', 400, 2, 'Anything but loopback needs --expose, and tokens for reading.'),
  QKT_E_TOKEN: row('The token cannot be made or revoked', 400, 2, 'See qkt token list.'),
} as const satisfies Record<string, CatalogueRow>;

export type ErrorCode = keyof typeof CATALOGUE;

/** Where in a file an error lies; line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface ErrorExtras {
  readonly location?: Location;
  /** The commands that the current state accepts. */
  readonly allowed?: readonly string[];
  /** Names that come close. */
  readonly candidates?: readonly string[];
  /** Further members of the problem document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error of the catalogue with the detail of this case. */
export class QktError extends Error {
  readonly code: ErrorCode;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = 'QktError';
    this.code = code;
    this.extras = extras;
  }

  get row(): CatalogueRow {
    return CATALOGUE[this.code];
  }

  /** `file:line:column: detail` where the place is known, else the detail. */
  get located(): string {
    const at = this.extras.location;
    if (at === undefined) return this.message;
    return `${[at.file, at.line, at.column].filter((part) => part !== undefined).join(':')}: ${this.message}`;
  }
}

/** RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint: string;
  readonly [member: string]: unknown;
}

export function toProblem(error: QktError): Problem {
  const { status, title, hint } = error.row;
  const { location, allowed, candidates, members } = error.extras;
  return {
    type: `https://qkt.dev/errors#${error.code}`,
    title,
    status,
    detail: error.located,
    code: error.code,
    hint,
    ...(location === undefined ? {} : { file: location.file, line: location.line, column: location.column }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(candidates === undefined || candidates.length === 0 ? {} : { candidates }),
    ...members,
  };
}

/** Any thrown thing as a catalogue error; what is not ours becomes QKT_E_INTERNAL. */
export function asQktError(thrown: unknown): QktError {
  if (thrown instanceof QktError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new QktError('QKT_E_INTERNAL', message, { cause: thrown });
}
