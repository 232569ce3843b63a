/** A definition as plain data for the main thread. */
import { parseBarLength, parseDuration } from '../domain/time.ts';
import type { StrategyDefinition } from './definition-types.ts';
import type { WireDefinition, WireParam, WireStream, WireTimer } from './protocol.ts';

export function describe(definition: StrategyDefinition): WireDefinition {
  const { expectTradesEvery, risk } = definition;
  return {
    name: definition.name,
    version: definition.version,
    params: Object.entries(definition.params).map(([name, item]): WireParam => ({ name, ...item })),
    streams: Object.entries(definition.streams).map(([key, { bars, warmup, ...rest }]): WireStream => {
      const barMs = bars === undefined ? undefined : parseBarLength(bars);
      return { key, ...rest, ...(barMs === undefined ? {} : { barMs }), warmup: warmup ?? 0 };
    }),
    timers: Object.entries(definition.timers).map(([name, timer]): WireTimer =>
      timer.every === undefined
        ? { name, at: timer.at, zone: timer.zone ?? 'UTC' }
        : { name, everyMs: parseDuration(timer.every)! },
    ),
    ...(risk === undefined ? {} : { risk }),
    ...(expectTradesEvery === undefined ? {} : { expectTradesEveryMs: parseDuration(expectTradesEvery)! }),
    onHang: definition.onHang,
    isolation: definition.isolation,
  };
}
