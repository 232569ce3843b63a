/** What `qkt run --replay` replays. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { RawConfig } from '../config/schema.ts';
import type { Config } from '../config/types.ts';
import { QktError } from '../errors.ts';

export interface ReplayOptions {
  readonly replay?: string;
  readonly symbol?: string;
  readonly speed?: number | 'max';
  readonly once?: boolean;
}

/** The venue that `--replay` makes, and the only one of such a run. */
const VENUE = 'paper';

export function replaySpeed(text: string): number | 'max' {
  if (text === 'max') return text;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (speed > 0 && speed <= 1e6) return speed;
  throw new InvalidArgumentError('It must be 1, a larger or smaller number, or max.');
}

/** @throws QktError QKT_E_USAGE for options that mean nothing without `--replay`. */
export function checkReplayOptions({ replay, symbol, speed, once }: ReplayOptions): void {
  if (replay !== undefined) return;
  const lonely = [
    ...(symbol === undefined ? [] : ['--symbol']),
    ...(speed === undefined ? [] : ['--speed']),
    ...(once === true ? ['--once'] : []),
  ];
  if (lonely.length > 0) throw new QktError('QKT_E_USAGE', `${lonely.join(' and ')} needs --replay <csv>`);
}

/** The venue as a layer of configuration; what a file says of its fills (latency, commission …) stays. */
export function replayVenue({ replay, symbol, speed, once }: ReplayOptions): RawConfig {
  if (replay === undefined) return {};
  const venue = {
    type: 'paper' as const,
    feed: 'replay' as const,
    file: resolve(replay),
    speed: speed ?? (once === true ? 'max' : 1),
    ...(symbol === undefined ? {} : { symbol }),
  };
  return { defaultVenue: VENUE, venues: { [VENUE]: venue } };
}

/** A replay trades on its own venue only: no order of it may reach another one. */
export function onReplayAlone(config: Config): Config {
  const venue = config.venues.get(VENUE);
  return venue === undefined ? config : { ...config, venues: new Map([[VENUE, venue]]) };
}
