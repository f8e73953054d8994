import { ConfigError } from '../errors.ts';

/**
 * Which sequence of random numbers: the two words of a Threefry key, each an integer in [0, 2^32). Runs differ in
 * `seed`; within a run every consumer (noise, masks, data order, weights) has its own `stream`, made by `streamOf`.
 */
export interface Key {
  readonly seed: number;
  readonly stream: number;
}

const encodeCodePoint = (point: number): number[] => {
  if (point < 0x80) return [point];
  const tail = (shift: number) => 0x80 | ((point >>> shift) & 0x3f);
  if (point < 0x800) return [0xc0 | (point >>> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >>> 12), tail(6), tail(0)];
  return [0xf0 | (point >>> 18), tail(12), tail(6), tail(0)];
};

/**
 * The stream with a name, such as `streamOf('generator/latent')`: FNV-1a of its UTF-8 bytes, an integer in [0, 2^32).
 * A name instead of a number lets two consumers be added apart without agreeing on who is third.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name)
    for (const byte of encodeCodePoint(character.codePointAt(0)!)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Throws ConfigError unless `value` is a uint32; the fills below would otherwise wrap it in silence. */
function requireUint32(caller: string, name: string, value: number): void {
  if (value >>> 0 !== value)
    throw new ConfigError(`${caller}: ${name} must be an integer in [0, 4294967295], got ${value}`);
}

const rotate = (word: number, left: number) => (word << left) | (word >>> (32 - left));

/**
 * Encrypts the counters (counter0, counter1), (counter0, counter1 + 1), ... into the words of `out`, two words each.
 * The rounds are written out: a loop over a table of rotations runs at a fifth of the speed.
 */
function encrypt(key0: number, key1: number, counter0: number, counter1: number, out: Uint32Array): void {
  const key2 = 0x1bd11bda ^ key0 ^ key1;
  const start0 = (counter0 + key0) | 0;
  for (let at = 0; at < out.length; at += 2) {
    let x0 = start0;
    let x1 = (counter1 + (at >>> 1) + key1) | 0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 13) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 15) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 26) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 6) ^ x0;
    x0 = (x0 + key1) | 0;
    x1 = (x1 + key2 + 1) | 0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 17) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 29) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 16) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 24) ^ x0;
    x0 = (x0 + key2) | 0;
    x1 = (x1 + key0 + 2) | 0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 13) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 15) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 26) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 6) ^ x0;
    x0 = (x0 + key0) | 0;
    x1 = (x1 + key1 + 3) | 0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 17) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 29) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 16) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 24) ^ x0;
    x0 = (x0 + key1) | 0;
    x1 = (x1 + key2 + 4) | 0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 13) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 15) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 26) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotate(x1, 6) ^ x0;
    out[at] = x0 + key2;
    // An odd length ends on half a pair: the write past the end of a typed array is dropped by the language.
    out[at + 1] = x1 + key0 + 5;
  }
}

/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64-bit counters whose outputs pass as independent random bits.
 *
 * @param key0, key1, counter0, counter1 - uint32 each
 * @returns two uint32
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", https://doi.org/10.1145/2063384.2063405
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): [number, number] {
  const pair = new Uint32Array(2);
  encrypt(key0, key1, counter0, counter1, pair);
  return [pair[0]!, pair[1]!];
}

/**
 * Fills `out` with random 32-bit words: words 2i and 2i + 1 are `threefry2x32(key, (step, i))`. They depend on key,
 * step and position alone, so any step can be replayed and there is no generator state to save.
 *
 * @param step - uint32; the training step, the epoch, or whatever numbers the fills of one stream
 * @param first - index i of the first pair, default 0; lets a long fill be made in pieces
 * @throws ConfigError if seed, stream or step is not a uint32
 */
export function fillBits(key: Key, step: number, out: Uint32Array, first = 0): void {
  requireUint32('fillBits', 'seed', key.seed);
  requireUint32('fillBits', 'stream', key.stream);
  requireUint32('fillBits', 'step', step);
  encrypt(key.seed, key.stream, step, first, out);
}
