import type { Standardisation } from './standardisation.ts';
import type { LabelledSet } from './two-sample-parts.ts';

/** Waves of 2^0 ... 2^7 radians per standard deviation: the shortest is a twentieth of a deviation long. */
const OCTAVES = 8;

/**
 * Points with what a network needs to see fine structure: each coordinate, standardised, and its sines and cosines in
 * `OCTAVES` octaves. A perceptron on bare coordinates learns what is coarse first and does not get to modes that are a
 * fiftieth of the data's spread wide, as those of ring8 are.
 *
 * @returns float32 rows of `d (1 + 2 OCTAVES)` numbers, labels as they were
 * @see Tancik et al. 2020, Fourier Features Let Networks Learn High Frequency Functions, https://arxiv.org/abs/2006.10739
 */
export function withWaves(
  { count, examples, labels }: LabelledSet,
  { mean, deviation }: Standardisation,
): LabelledSet {
  const dimension = examples.length / count;
  const rows = new Float32Array(examples.length * (1 + 2 * OCTAVES));
  for (let i = 0, at = 0; i < examples.length; i++) {
    const axis = i % dimension;
    const x = (examples[i]! - (mean[axis] ?? mean[0]!)) / (deviation[axis] ?? deviation[0]!);
    rows[at++] = x;
    for (let octave = 0; octave < OCTAVES; octave++) {
      rows[at++] = Math.sin(2 ** octave * x);
      rows[at++] = Math.cos(2 ** octave * x);
    }
  }
  return { count, examples: rows, labels };
}
