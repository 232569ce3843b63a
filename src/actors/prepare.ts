/**
 * From a file to something that can be deployed: compiled, loaded and created once on trial, its
 * parameters, symbols and venue checked. Nothing of a running strategy is touched by a failure.
 */
import { closest } from 'fastest-levenshtein';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/types.ts';
import { isStrategyName } from '../domain/ids.ts';
import { ALWAYS_OPEN } from '../domain/market.ts';
import { asQktError, QktError } from '../errors.ts';
import { riskOf } from '../risk/risk-settings.ts';
import { compileStrategy, type CompiledStrategy } from '../worker/compile.ts';
import { GuestFailure } from '../worker/guest-failure.ts';
import type { GuestHost } from '../worker/host.ts';
import type { Hosting } from '../worker/hosting.ts';
import { resolveParams, type ParamValue } from '../worker/params.ts';
import type { WireDefinition } from '../worker/protocol.ts';
import { locateLiteral, locateMember } from '../worker/source.ts';
import type { Venue } from './venue.ts';
import { venueNamed, type Venues } from './venues.ts';
import { located, type Deployment } from './deployment.ts';

export interface PrepareRequest {
  readonly file: string;
  /** Default: the name in the file. */
  readonly name?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface PrepareDependencies {
  /** The wall clock. */
  readonly clock: Clock;
  readonly config: Config;
  readonly venues: Venues;
  readonly modulesDir: string;
  readonly hosting: Pick<Hosting, 'open'>;
}

export interface Prepared extends Deployment {
  readonly name: string;
  readonly venue: Venue;
}

/** How long a file may take to load and create its strategy, in milliseconds: a loop without end would take for ever. */
const TRIAL_MS = 10_000;

/** @throws QktError that names file, line and column where there is one; QKT_E_DEPLOY_TIMEOUT when it takes too long. */
export async function prepare(request: PrepareRequest, deps: PrepareDependencies): Promise<Prepared> {
  if (request.name !== undefined) checkName(request.name);
  const compiled = await compileStrategy(request.file, { outDir: deps.modulesDir });
  const host = deps.hosting.open(request.name ?? 'trial', {
    isolation: compiled.namesIsolation ? 'process' : 'worker',
  });
  let isLate = false;
  const cancel = deps.clock.at(deps.clock.now() + TRIAL_MS, () => {
    isLate = true;
    host.terminate();
  });
  try {
    return await tried(host, compiled, request, deps);
  } catch (error) {
    if (isLate)
      throw new QktError(
        'QKT_E_DEPLOY_TIMEOUT',
        `the file did not finish loading, or its create did not return, within ${TRIAL_MS / 1000} s`,
        { location: { file: request.file } },
      );
    throw error instanceof GuestFailure ? located(error, compiled) : error;
  } finally {
    cancel();
    host.terminate();
  }
}

async function tried(
  host: GuestHost,
  compiled: CompiledStrategy,
  request: PrepareRequest,
  deps: PrepareDependencies,
): Promise<Prepared> {
  const definition = await host.load(compiled.moduleUrl);
  const name = request.name ?? definition.name;
  checkName(name);
  const params = paramsOf(name, request, definition, compiled, deps.config);
  const venue = venueOf(definition, compiled, deps);
  await checkSymbols(name, definition, compiled, venue, deps.config);
  checkSessions(definition, deps.config, compiled);
  checkRisk(name, definition, compiled, deps.config);
  const startingBalance = deps.config.account.startingBalance.toString();
  await host.create({
    strategy: name,
    run: 0,
    params,
    startingBalance,
    state: { balance: startingBalance, realized: '0', positions: [], orders: [] },
  });
  return { name, compiled, definition, params, venue };
}

function checkName(name: string): void {
  if (!isStrategyName(name))
    throw new QktError('QKT_E_STRATEGY_NAME', `"${name.slice(0, 80)}" cannot be a strategy's name`);
}

function checkRisk(name: string, definition: WireDefinition, { source }: CompiledStrategy, config: Config): void {
  const { problems } = riskOf(definition.risk, config.risk, name);
  if (problems.length === 0) return;
  throw new QktError('QKT_E_STRATEGY_SHAPE', problems.join('; '), { location: locateMember(source, 'risk') });
}

/** The request wins over the configuration, which wins over the file's defaults. */
function paramsOf(
  name: string,
  request: PrepareRequest,
  definition: WireDefinition,
  compiled: CompiledStrategy,
  config: Config,
): Readonly<Record<string, ParamValue>> {
  const configured = config.strategies.get(name)?.params ?? {};
  return resolveParams(definition, { ...configured, ...request.params }, compiled.source);
}

function venueOf(definition: WireDefinition, { source }: CompiledStrategy, deps: PrepareDependencies): Venue {
  const names = [...new Set(definition.streams.map(({ venue }) => venue ?? deps.config.defaultVenue))];
  const name = names[0] ?? deps.config.defaultVenue;
  if (names.length > 1)
    throw new QktError(
      'QKT_E_UNKNOWN_VENUE',
      `all streams of a strategy must be on one venue, not on ${names.join(' and ')}`,
      {
        location: locateLiteral(source, names[1]!),
      },
    );
  try {
    return venueNamed(deps.venues, name);
  } catch (error) {
    const { code, message, extras } = asQktError(error);
    throw new QktError(code, message, { location: locateLiteral(source, name), ...extras });
  }
}

async function checkSymbols(
  name: string,
  definition: WireDefinition,
  { source }: CompiledStrategy,
  venue: Venue,
  config: Config,
): Promise<void> {
  for (const { symbol } of definition.streams) {
    const location = locateLiteral(source, symbol);
    if (!config.instruments.has(symbol)) {
      const nearest = closest(symbol, [...config.instruments.keys()]);
      throw new QktError('QKT_E_UNKNOWN_SYMBOL', `the symbol ${symbol} is not known; did you mean ${nearest}?`, {
        location,
        candidates: [nearest],
      });
    }
    await venue.admit(name, symbol).catch((error: unknown) => {
      const { code, message } = asQktError(error);
      throw new QktError(code, message, { location });
    });
  }
}

/** @throws QktError QKT_E_STRATEGY_SHAPE for a stream in a session that the configuration does not have */
export function checkSessions(definition: WireDefinition, config: Config, { source }: CompiledStrategy): void {
  const known = [...config.sessions.keys(), ...ALWAYS_OPEN];
  for (const { key, session } of definition.streams) {
    if (session === undefined || known.includes(session)) continue;
    const nearest = closest(session, known);
    throw new QktError('QKT_E_STRATEGY_SHAPE', `no session is named "${session}"; did you mean ${nearest}?`, {
      location: locateMember(source, `streams.${key}.session`),
      candidates: [nearest],
    });
  }
}
