/** The venues of a configuration: those that are open, and why the others are not. */
import type { VenueConfig } from '../config/types.ts';
import type { GatewayView } from '../domain/gateway-views.ts';
import { asQktError, QktError } from '../errors.ts';
import { closedGatewayView } from './gateway-view.ts';
import { PaperVenue } from './paper-venue.ts';
import type { Venue, VenueDependencies } from './venue.ts';

export interface Venues {
  readonly open: ReadonlyMap<string, Venue>;
  /** A venue that cannot be used is no reason not to run the others; a strategy on it is refused with this. */
  readonly closed: ReadonlyMap<string, QktError>;
}

/** @throws QktError when the default venue cannot be opened. */
export async function openVenues(
  configs: ReadonlyMap<string, VenueConfig>,
  defaultVenue: string,
  deps: VenueDependencies,
): Promise<Venues> {
  const open = new Map<string, Venue>();
  const closed = new Map<string, QktError>();
  for (const [name, config] of configs) {
    try {
      open.set(name, await openVenue(config, deps));
    } catch (error) {
      if (name === defaultVenue) throw error;
      closed.set(name, asQktError(error));
    }
  }
  return { open, closed };
}

async function openVenue(config: VenueConfig, deps: VenueDependencies): Promise<Venue> {
  if (config.type === 'paper') return PaperVenue.open(config, deps);
  // A daemon that trades on paper alone has no need of it.
  const { Mt5Venue } = await import('./mt5-venue.ts');
  return Mt5Venue.open(config, deps);
}

/** @throws QktError that says why the venue cannot be used, or which ones there are. */
export function venueNamed({ open, closed }: Venues, name: string): Venue {
  const venue = open.get(name);
  if (venue !== undefined) return venue;
  const why = closed.get(name);
  if (why !== undefined) throw why;
  const known = [...open.keys()];
  throw new QktError('QKT_E_UNKNOWN_VENUE', `there is no venue ${name}; there is ${known.join(', ')}`, {
    candidates: known,
  });
}

/** Every gateway, those that could not be opened included. */
export function gatewayViews(
  { open, closed }: Venues,
  configs: ReadonlyMap<string, VenueConfig>,
): readonly GatewayView[] {
  const down = [...closed].map(([name, error]) => closedGatewayView(name, configs.get(name)!.type, error.located));
  return [...[...open.values()].map(({ gateway }) => gateway.view()), ...down];
}
