/** What a single value may look like: the validator's formats and its `decimal` keyword. */
import { Ajv, type ValidateFunction } from 'ajv';
import { Decimal, dec } from '../domain/decimal.ts';
import { parseDuration } from '../domain/time.ts';
import { VALIDATOR_CODE } from '../domain/validator-code.ts';
import { parsePortRange } from './port-range.ts';
import { ConfigSchema } from './schema.ts';

const CLOCK_TIME = '([01]\\d|2[0-3]):[0-5]\\d';
const SESSION_TIME = new RegExp(`^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?${CLOCK_TIME}$`);
const ROLLOVER = new RegExp(`^${CLOCK_TIME} (\\S+)$`);

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => parseDuration(text) !== undefined,
  // A duration that may be none.
  span: (text) => text === '0s' || parseDuration(text) !== undefined,
  portRange: (text) => parsePortRange(text) !== undefined,
  zone: isZone,
  rollover: (text) => isZone(ROLLOVER.exec(text)?.[2] ?? ''),
  sessionTime: (text) => SESSION_TIME.test(text),
  day: isDay,
  'http-url': isHttpUrl,
};

interface DecimalBounds {
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly or?: string;
}

function isDecimal(bounds: DecimalBounds, data: unknown): boolean {
  if (bounds.or !== undefined && data === bounds.or) return true;
  if (typeof data !== 'number' && typeof data !== 'string') return false;
  const value = Decimal.parse(String(data));
  if (value === undefined) return false;
  const { above, atLeast, atMost } = bounds;
  return (
    (above === undefined || value.greaterThan(dec(above))) &&
    (atLeast === undefined || !value.lessThan(dec(atLeast))) &&
    (atMost === undefined || !value.greaterThan(dec(atMost)))
  );
}

/** The compiled schema; `errors` carry the failing schema (`verbose`), so that messages can name what was expected. */
export function compileSchema(): ValidateFunction {
  const ajv = new Ajv({
    code: VALIDATOR_CODE,
    allErrors: true,
    verbose: true,
    discriminator: true,
    allowUnionTypes: true,
    formats: { ...FORMATS },
  });
  ajv.addKeyword('expect');
  ajv.addKeyword({ keyword: 'decimal', schemaType: 'object', validate: isDecimal, errors: false });
  return ajv.compile(ConfigSchema);
}
