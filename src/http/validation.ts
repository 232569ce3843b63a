/** Checks queries and bodies against the schemas that the OpenAPI document is made from, and says which field is wrong. */
import { Ajv, type AnySchema, type ErrorObject } from 'ajv';
import { closest } from '../domain/near-names.ts';
import { VALIDATOR_CODE } from '../domain/validator-code.ts';
import { QktError } from '../errors.ts';

const STRICT = {
  code: VALIDATOR_CODE,
  allErrors: false,
  removeAdditional: false,
  useDefaults: true,
  verbose: true,
} as const;
/** A query is text, so `5` may stand for a number; a body says what it means. */
const forQueries = new Ajv({ ...STRICT, coerceTypes: true });
const forBodies = new Ajv({ ...STRICT, coerceTypes: false });

type Part = 'querystring' | 'query' | 'body' | 'params' | 'headers';
type Validate = (data: unknown) => true | { error: QktError };

/**
 * By what they say: every strategy's server brings the same schemas, some of them as objects of its own,
 * and what is compiled for an object Ajv keeps for good.
 */
const compiled = new Map<string, Validate>();

/** Fastify's validator compiler. */
export function compileValidator({ schema, httpPart }: { schema: AnySchema; httpPart?: string }): Validate {
  const key = `${httpPart} ${JSON.stringify(schema)}`;
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = newValidator(schema, httpPart as Part);
    compiled.set(key, validate);
  }
  return validate;
}

function newValidator(schema: AnySchema, part: Part): Validate {
  const validate = (part === 'body' ? forBodies : forQueries).compile(schema);
  return (data) => (validate(data) ? true : { error: refusal(validate.errors![0]!, part) });
}

/** The refusal of a request that names the field at fault, in the detail and as `field`. */
export function badField(field: string, detail: string, candidates: readonly string[] = []): QktError {
  return new QktError('QKT_E_BAD_REQUEST', detail, { members: { field }, candidates });
}

function refusal(error: ErrorObject, part: Part): QktError {
  const what = part === 'body' ? 'body member' : part === 'params' ? 'path part' : 'query parameter';
  const parent = error.instancePath.slice(1).replaceAll('/', '.');
  const inside = (member: string): string => (parent === '' ? member : `${parent}.${member}`);
  const params = error.params as Record<string, unknown>;
  if (error.keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
    return badField(inside(name), `there is no ${what} \`${inside(name)}\``, closest(name, known));
  }
  if (error.keyword === 'required') {
    const name = inside(String(params.missingProperty));
    return badField(name, `the ${what} \`${name}\` is missing`);
  }
  if (parent === '') return badField('body', `the body ${error.message ?? 'is not valid'}`);
  if (error.keyword === 'pattern') {
    // What a pattern means is said in words.
    const meaning = (error.parentSchema as { readonly description?: string }).description;
    return badField(parent, `the ${what} \`${parent}\` must be ${meaning ?? 'of another form'}`);
  }
  if (error.keyword === 'minLength') return badField(parent, `the ${what} \`${parent}\` must not be empty`);
  if (error.keyword === 'maxLength')
    return badField(parent, `the ${what} \`${parent}\` must have at most ${String(params.limit)} characters`);
  const choices = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
  return badField(parent, `the ${what} \`${parent}\` ${error.message ?? 'is not valid'}${choices}`);
}
