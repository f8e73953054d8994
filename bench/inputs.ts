import type { StepOptions } from './protocol.ts';

const LATENT = 100;
const PIXELS = 784;
const PIECES = 5;
const IMAGES = 10_000;

/** The shapes of the paper's MNIST networks, `[in, out]` for every weight. */
export interface Networks {
  readonly generator: readonly (readonly [number, number])[];
  readonly discriminator: readonly (readonly [number, number])[];
  /** Maxout units of a hidden layer of D, each the maximum of `pieces` linear functions. */
  readonly units: number;
  readonly pieces: number;
  readonly parameters: number;
}

/** G is latent-h-h-784, D is 784 - maxout - maxout - 1, with h = 1200 and 240 x 5 at width scale 1. */
export function networks({ widthScale }: StepOptions): Networks {
  const hidden = Math.round(1200 * widthScale);
  const units = Math.round(240 * widthScale);
  const generator = [
    [LATENT, hidden],
    [hidden, hidden],
    [hidden, PIXELS],
  ] as const;
  const discriminator = [
    [PIXELS, units * PIECES],
    [units, units * PIECES],
    [units, 1],
  ] as const;
  const parameters = [...generator, ...discriminator].reduce(
    (sum, [rows, columns]) => sum + (rows + 1) * columns,
    0,
  );
  return { generator, discriminator, units, pieces: PIECES, parameters };
}

/** A dropout mask of one layer, already scaled: 0, or 1 / include. */
export interface Mask {
  readonly columns: number;
  readonly include: number;
}

/** D's three dropout layers: input (include .8), and both hidden layers (include .5). */
export function masks({ units }: Networks): readonly [Mask, Mask, Mask] {
  return [
    { columns: PIXELS, include: 0.8 },
    { columns: units, include: 0.5 },
    { columns: units, include: 0.5 },
  ];
}

/**
 * Fresh minibatches, noise and masks for the engines that do not draw their own fast enough: xorshift32, a few
 * nanoseconds a number, which is all that a benchmark asks of it.
 */
export class Inputs {
  #state: number;
  readonly #images: Uint8Array;

  constructor(seed = 2014) {
    this.#state = seed;
    // As much ink as MNIST: the arithmetic does not depend on the pixels, but D must have something to learn.
    this.#images = Uint8Array.from({ length: IMAGES * PIXELS }, () =>
      this.#uniform() < 0.19 ? this.#word() & 255 : 0,
    );
  }

  /** float32 [rows, 784] in [0, 1]. */
  images(rows: number): Float32Array {
    const out = new Float32Array(rows * PIXELS);
    for (let row = 0; row < rows; row++) {
      const start = Math.floor(this.#uniform() * IMAGES) * PIXELS;
      for (let i = 0; i < PIXELS; i++) out[row * PIXELS + i] = this.#images[start + i]! / 255;
    }
    return out;
  }

  /** float32 [rows, latent], uniform with unit variance. */
  noise(rows: number): Float32Array {
    return this.uniform(rows * LATENT, Math.sqrt(3));
  }

  /** float32 [length], uniform in [-bound, bound). */
  uniform(length: number, bound: number): Float32Array {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i++) out[i] = bound * (2 * this.#uniform() - 1);
    return out;
  }

  /** float32 [rows, columns]. */
  mask(rows: number, { columns, include }: Mask): Float32Array {
    const out = new Float32Array(rows * columns);
    for (let i = 0; i < out.length; i++) if (this.#uniform() < include) out[i] = 1 / include;
    return out;
  }

  #uniform(): number {
    return this.#word() / 2 ** 32;
  }

  #word(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }
}
