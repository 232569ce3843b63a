/** A route of the gateway as data: what it is called, what may stand in its way, and what it does. */
import type { Answer } from './answers.ts';
import type { Members } from './fields.ts';
import type { Gateway } from './gateway.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request that has come through to its route. */
export interface Call {
  readonly query: Members;
  /** The one member of the path, where it has one. */
  readonly parameter: string;
  /** Empty for GET and DELETE. */
  readonly body: Members;
  /** `POST /order`: what faults are scoped by. */
  readonly route: string;
  readonly idempotencyKey: string | undefined;
}

export interface Route {
  readonly method: Method;
  /** `/orders/<ticket>`: what is in angle brackets is {@link Call.parameter}. */
  readonly path: string;
  /** Answers without the key. */
  readonly open?: true;
  /** Answers while the terminal is not connected. */
  readonly withoutMt5?: true;
  /** Refused while the kill switch is on. */
  readonly killable?: true;
  handle(call: Call, gateway: Gateway): Answer | Promise<Answer>;
}

export const labelOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;
