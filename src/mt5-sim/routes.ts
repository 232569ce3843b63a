/** Every route of the gateway. */
import { CLOSE_ROUTES } from './routes-close.ts';
import { HEALTH_ROUTES } from './routes-health.ts';
import { MARKET_ROUTES } from './routes-market.ts';
import { ORDER_ROUTES } from './routes-orders.ts';
import { POSITION_ROUTES } from './routes-positions.ts';
import { labelOf, type Route } from './route.ts';

export const GATEWAY_ROUTES: readonly Route[] = [
  ...HEALTH_ROUTES,
  ...MARKET_ROUTES,
  ...POSITION_ROUTES,
  ...ORDER_ROUTES,
  ...CLOSE_ROUTES,
];

export const GATEWAY_ROUTE_LABELS: readonly string[] = GATEWAY_ROUTES.map(labelOf);
