import { type Latent, uniform } from '../src/gan/latent.ts';
import { add } from '../src/graph/functions/elementwise.ts';
import { matmul } from '../src/graph/functions/linear-algebra.ts';
import { reshape } from '../src/graph/functions/shaping.ts';
import type { FixedGenerator } from '../src/inference/fixed-generator.ts';
import { float32 } from './tensors.ts';

/**
 * `G(z) = z A + 1/2` as images [1, 2, latentDim]: coordinate i moves the pixels i and i + latentDim by its own two slopes,
 * so that everything about finding z is known exactly.
 */
export function linearGenerator(slopes: readonly number[], latent: Latent = uniform): FixedGenerator {
  const latentDim = slopes.length;
  const matrix = new Array<number>(latentDim * 2 * latentDim).fill(0);
  for (const [i, slope] of slopes.entries()) {
    matrix[i * 2 * latentDim + i] = slope;
    matrix[i * 2 * latentDim + latentDim + i] = -slope;
  }
  return {
    latent,
    latentDim,
    exampleShape: [1, 2, latentDim],
    variables: { matrix: float32([latentDim, 2 * latentDim], matrix) },
    generate: (variables, z) =>
      reshape(add(matmul(z, variables['matrix']!), 0.5), [z.shape[0]!, 1, 2, latentDim]),
  };
}

/** What `linearGenerator` makes of rows of z, row after row. */
export function linearImages(slopes: readonly number[], rows: readonly (readonly number[])[]): number[] {
  return rows.flatMap((z) => [
    ...z.map((value, i) => 0.5 + slopes[i]! * value),
    ...z.map((value, i) => 0.5 - slopes[i]! * value),
  ]);
}
