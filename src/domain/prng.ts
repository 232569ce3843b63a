/**
 * A seeded source of pseudo-random numbers, for the synthetic market and the paper venue's draws:
 * the same seed gives the same sequence on every machine. Not for secrets.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (public domain): 128 bits of state,
 * shortest cycle 2^32, passes PractRand. The seed is spread over the state by FNV-1a and the
 * finaliser of MurmurHash3, so that seeds 1 and 2 have nothing in common.
 */

export interface Prng {
  /** The next number, uniform in [0, 1), a multiple of 2^-32. */
  next(): number;
}

/** Draws that settle the state after seeding, as PractRand does. */
const WARM_UP_ROUNDS = 12;

/**
 * A generator of its own for this seed. Text seeds make independent streams by name:
 * `createPrng('1:EURUSD')` and `createPrng('1:USDJPY')`.
 */
export function createPrng(seed: number | string): Prng {
  const text = String(seed);
  let a = hash(text, 0);
  let b = hash(text, 1);
  let c = hash(text, 2);
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < WARM_UP_ROUNDS; i++) next();
  return { next };
}

/** FNV-1a over the text's UTF-16 units, from an offset that depends on `lane`, then MurmurHash3's finaliser. */
function hash(text: string, lane: number): number {
  let h = 0x811c9dc5 ^ Math.imul(lane, 0x9e3779b9);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
