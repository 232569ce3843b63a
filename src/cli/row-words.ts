/** A strategy's row in words, as every table of strategies has them. */
import type { StrategyRow } from '../domain/status-views.ts';
import type { Exact } from './exact-json.ts';
import { duration } from './words.ts';

type Row = Exact<StrategyRow>;

/** Of one that was stopped none is expected. */
export const healthText = ({ state, health }: Pick<Row, 'state' | 'health'>): string =>
  state === 'stopped' ? '-' : health;

/** What does not run is not up. */
export const uptimeText = ({ uptimeMs }: Pick<Row, 'uptimeMs'>): string =>
  uptimeMs === '0' ? '-' : duration(Number(uptimeMs));
