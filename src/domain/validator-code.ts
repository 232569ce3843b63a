/**
 * How validators are to be compiled: Ajv's `code` option. Its optimizer makes an object for each name
 * in the code that it writes, each of another shape, and V8 bounds how many shapes may begin from one
 * object: with large schemas, objects that are made first after that (quotes, states) are hash tables,
 * which take four times the room and half of the speed of the tick path.
 */
export const VALIDATOR_CODE = { optimize: false } as const;
