/** The shape of `alerts:` in `qkt.config.yaml`, and of a strategy's own changes to it. */
import { Type } from 'typebox';
import { SEVERITIES } from '../domain/alerts.ts';
import {
  decimal,
  duration,
  integer,
  list,
  NAME,
  NAME_WORDS,
  named,
  section,
  taggedBy,
  text,
  words,
} from './schema-parts.ts';

/** A secret is written as `"${VARIABLE}"`, or lies in a file that is named; which of the two is checked by `decode-alerts.ts`. */
const secret = () => Type.Optional(Type.String({ expect: 'text from the environment, "${VARIABLE}"' }));
const file = () => Type.Optional(text('the path of a file'));

const span = () => text('a duration such as 30s or 15m, or 0s', 'span');

const ruleName = <T extends Parameters<typeof named>[2]>(value: T) =>
  named('^[a-z][a-z0-9_]{0,63}$', 'a name of small letters, digits and _, at most 64', value);

const change = {
  off: Type.Optional(Type.Boolean({ expect: 'true or false' })),
  severity: Type.Optional(words(...SEVERITIES)),
  for: Type.Optional(span()),
  keepFiringFor: Type.Optional(span()),
  limit: Type.Optional(decimal('a number')),
};

const rule = section({
  ...change,
  field: Type.Optional(text('the name of a figure')),
  above: Type.Optional(decimal('a number')),
  below: Type.Optional(decimal('a number')),
});

const webhook = section({
  type: Type.Literal('webhook'),
  url: secret(),
  urlFile: file(),
  bearer: secret(),
  bearerFile: file(),
});
const alertmanager = section({
  type: Type.Literal('alertmanager'),
  urls: list(text('an http or https URL', 'http-url')),
  bearer: secret(),
  bearerFile: file(),
});
const telegram = section({
  type: Type.Literal('telegram'),
  token: secret(),
  tokenFile: file(),
  chatId: Type.Unsafe<string | number>({ type: ['string', 'integer'], expect: 'the id of a chat' }),
  apiUrl: Type.Optional(text('an http or https URL', 'http-url')),
});
const slack = section({ type: Type.Literal('slack'), url: secret(), urlFile: file() });
const email = section({
  type: Type.Literal('email'),
  host: text('a host name'),
  port: Type.Optional(integer(1, 65_535)),
  security: Type.Optional(words('tls', 'starttls', 'none')),
  user: Type.Optional(text('a user name')),
  password: secret(),
  passwordFile: file(),
  from: text('an e-mail address'),
  to: list(text('an e-mail address')),
});
const deadman = section({
  type: Type.Literal('deadman'),
  url: secret(),
  urlFile: file(),
  every: Type.Optional(duration()),
});

const bySeverity = <T extends Parameters<typeof Type.Optional>[0]>(value: () => T) =>
  section({ P1: Type.Optional(value()), P2: Type.Optional(value()), P3: Type.Optional(value()) });

export const AlertsSchema = section({
  rules: Type.Optional(ruleName(rule)),
  channels: Type.Optional(
    named(NAME, NAME_WORDS, taggedBy('type', webhook, alertmanager, telegram, slack, email, deadman)),
  ),
  routes: Type.Optional(bySeverity(() => list(text('the name of a channel')))),
  repeat: Type.Optional(bySeverity(duration)),
  canaryEvery: Type.Optional(duration()),
});

/** What a strategy changes of the rules for all. */
export const AlertChangesSchema = ruleName(section(change));
