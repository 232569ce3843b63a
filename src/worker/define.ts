/** `defineStrategy`: checks the shape at once, so that a mistake is told where it was made. */
import { isStrategyName } from '../domain/ids.ts';
import { parseBarLength, parseDuration } from '../domain/time.ts';
import type {
  Params,
  RiskSpec,
  Streams,
  StreamSpec,
  StrategyDefinition,
  StrategySpec,
  Timers,
  TimerSpec,
} from './definition-types.ts';
import { checkedParam } from './param.ts';
import { asFields, memberError, onlyKeys, plainCopy, show } from './shape.ts';

/** Registered, so that a definition is known across copies of this module (thread, inline, tests). */
const BRAND = Symbol.for('qkt.strategy');

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- a strategy without any has no name to know
type None = Record<never, never>;

const MEMBERS = [
  'name',
  'version',
  'params',
  'streams',
  'timers',
  'risk',
  'expectTradesEvery',
  'onHang',
  'isolation',
  'create',
] as const;
const ON_HANG: readonly unknown[] = ['hold', 'halt', 'flatten'];
const ISOLATIONS: readonly unknown[] = ['worker', 'process'];
const KEY = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

/**
 * Declares a strategy: the default export of a strategy file.
 * @throws QktError `QKT_E_STRATEGY_SHAPE` that names the member that is wrong.
 */
export function defineStrategy<const S extends Streams, const P extends Params = None, const T extends Timers = None>(
  spec: StrategySpec<S, P, T>,
): StrategyDefinition {
  const fields = asFields('defineStrategy’s argument', spec);
  onlyKeys('', fields, MEMBERS);
  if (typeof fields.name !== 'string' || !isStrategyName(fields.name))
    throw memberError(
      'name',
      `must be letters, digits, _ and -, at most 64, not starting with _ or -, and not "daemon"; it is ${show(fields.name)}`,
    );
  if (typeof fields.create !== 'function')
    throw memberError('create', `must be a function, not ${show(fields.create)}`);
  if (fields.onHang !== undefined && !ON_HANG.includes(fields.onHang))
    throw memberError('onHang', `must be "hold", "halt" or "flatten", not ${show(fields.onHang)}`);
  if (fields.isolation !== undefined && !ISOLATIONS.includes(fields.isolation))
    throw memberError('isolation', `must be "worker" or "process", not ${show(fields.isolation)}`);
  const definition = {
    name: fields.name,
    version: checkedVersion(fields.version ?? 1),
    params: checkedRecord('params', fields.params ?? {}, checkedParam),
    streams: checkedStreams(fields.streams),
    timers: checkedRecord('timers', fields.timers ?? {}, checkedTimer),
    ...(fields.risk === undefined ? {} : { risk: checkedRisk(fields.risk) }),
    ...(fields.expectTradesEvery === undefined
      ? {}
      : { expectTradesEvery: checkedDuration('expectTradesEvery', fields.expectTradesEvery) }),
    onHang: (fields.onHang ?? 'halt') as StrategyDefinition['onHang'],
    isolation: (fields.isolation ?? 'worker') as StrategyDefinition['isolation'],
    create: fields.create as StrategyDefinition['create'],
  };
  Object.defineProperty(definition, BRAND, { value: true });
  return Object.freeze(definition as StrategyDefinition);
}

/** True for what `defineStrategy` of any copy of this module has made. */
export function isStrategyDefinition(value: unknown): value is StrategyDefinition {
  return typeof value === 'object' && value !== null && Reflect.get(value, BRAND) === true;
}

function checkedVersion(version: unknown): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return version;
  throw memberError('version', `must be a whole number from 1 up, not ${show(version)}`);
}

function checkedRecord<Item>(
  member: string,
  value: unknown,
  check: (member: string, item: unknown) => Item,
): Readonly<Record<string, Item>> {
  const record = asFields(member, value);
  const entries = Object.entries(record).map(([key, item]) => {
    if (!KEY.test(key))
      throw memberError(
        member,
        `has the key ${show(key)}, which is no name (a letter or _, then letters, digits, _ and -)`,
      );
    return [key, check(`${member}.${key}`, item)] as const;
  });
  return Object.freeze(Object.fromEntries(entries));
}

function checkedStreams(value: unknown): Streams {
  const streams = checkedRecord('streams', value, checkedStream);
  if (Object.keys(streams).length === 0) throw memberError('streams', 'must name at least one stream');
  return streams;
}

function checkedStream(member: string, value: unknown): StreamSpec {
  const item = asFields(member, value);
  onlyKeys(member, item, ['symbol', 'venue', 'bars', 'warmup', 'session']);
  for (const key of ['symbol', 'venue', 'session']) {
    const text = item[key];
    if (text === undefined && key !== 'symbol') continue;
    if (typeof text !== 'string' || text.trim() === '')
      throw memberError(`${member}.${key}`, `must be a name, not ${show(text)}`);
  }
  if (item.bars !== undefined && (typeof item.bars !== 'string' || parseBarLength(item.bars) === undefined))
    throw memberError(`${member}.bars`, `must be a length from "1s" to "1d", not ${show(item.bars)}`);
  const { warmup } = item;
  if (warmup !== undefined && !(Number.isSafeInteger(warmup) && (warmup as number) >= 0))
    throw memberError(`${member}.warmup`, `must be a whole number of bars, not ${show(warmup)}`);
  if (warmup !== undefined && warmup !== 0 && item.bars === undefined)
    throw memberError(`${member}.warmup`, `counts bars: give ${member}.bars as well`);
  return Object.freeze({ ...item }) as unknown as StreamSpec;
}

function checkedTimer(member: string, value: unknown): TimerSpec {
  const item = asFields(member, value);
  onlyKeys(member, item, ['every', 'at', 'zone']);
  if ((item.every === undefined) === (item.at === undefined))
    throw memberError(member, `needs either every or at, and not both`);
  if (item.every !== undefined) {
    checkedDuration(`${member}.every`, item.every);
    if (item.zone !== undefined) throw memberError(`${member}.zone`, `belongs to at, not to every`);
  } else {
    if (typeof item.at !== 'string' || !/^([01]\d|2[0-3]):[0-5]\d$/.test(item.at))
      throw memberError(`${member}.at`, `must be a time of day such as "16:55", not ${show(item.at)}`);
    if (item.zone !== undefined && !isZone(item.zone))
      throw memberError(`${member}.zone`, `must be an IANA zone such as "America/New_York", not ${show(item.zone)}`);
  }
  return Object.freeze({ ...item }) as unknown as TimerSpec;
}

function isZone(zone: unknown): boolean {
  if (typeof zone !== 'string') return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function checkedRisk(value: unknown): RiskSpec {
  const risk = asFields('risk', value);
  onlyKeys('risk', risk, ['gate', 'halt']);
  if (risk.gate !== undefined) asFields('risk.gate', risk.gate);
  if (risk.halt !== undefined) {
    if (!Array.isArray(risk.halt)) throw memberError('risk.halt', `must be a list of rules, not ${show(risk.halt)}`);
    risk.halt.forEach((rule, index) => {
      const member = `risk.halt[${index}]`;
      if (typeof asFields(member, rule).rule !== 'string')
        throw memberError(`${member}.rule`, `must be the name of a rule`);
    });
  }
  return plainCopy('risk', risk) as RiskSpec;
}

function checkedDuration(member: string, value: unknown): NonNullable<StrategyDefinition['expectTradesEvery']> {
  if (typeof value === 'string' && parseDuration(value) !== undefined)
    return value as NonNullable<StrategyDefinition['expectTradesEvery']>;
  throw memberError(member, `must be a duration such as "15m" or "8h", not ${show(value)}`);
}
