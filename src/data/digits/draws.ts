import { fillNormal } from '../../random/normal.ts';
import { streamOf } from '../../random/threefry.ts';
import { fillUniform } from '../../random/uniform.ts';

/** More numbers than any digit takes: an eight of two rings with all its hooks takes 54 and 36. */
const mostNormals = 64;
const mostUniforms = 48;

/** The random numbers of one example at a time; they depend on the seed and the example's index alone. */
export class Draws {
  readonly #seed: number;
  readonly #normals = new Float32Array(mostNormals);
  readonly #uniforms = new Float32Array(mostUniforms);
  #nextNormal = 0;
  #nextUniform = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Goes to the numbers of example `index`. */
  begin(index: number): void {
    fillNormal({ seed: this.#seed, stream: normalStream }, index, this.#normals);
    fillUniform({ seed: this.#seed, stream: uniformStream }, index, this.#uniforms, 0, 1);
    this.#nextNormal = 0;
    this.#nextUniform = 0;
  }

  /** Normal with mean 0 and deviation 1, cut off at 3: a rare digit is odd, none is a scrawl. */
  normal(): number {
    if (this.#nextNormal === mostNormals)
      throw new RangeError(`Draws: at most ${mostNormals} normals a digit`);
    return Math.max(-3, Math.min(3, this.#normals[this.#nextNormal++]!));
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    if (this.#nextUniform === mostUniforms)
      throw new RangeError(`Draws: at most ${mostUniforms} uniforms a digit`);
    return this.#uniforms[this.#nextUniform++]!;
  }

  /** A whole number in [0, count), each equally likely. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }
}

const normalStream = streamOf('digits/normal');
const uniformStream = streamOf('digits/uniform');
