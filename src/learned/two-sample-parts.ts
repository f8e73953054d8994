import type { ExampleSet } from '../data/dataset.ts';
import { ConfigError, DataError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import { areAlike, exampleSetOf } from './example-set.ts';

/** Examples with a label each: 1 for real ones, 0 for fakes. */
export type LabelledSet = ExampleSet & { readonly labels: Uint8Array };

/** Real examples and fakes, equally many of both in each part. */
export interface TwoSampleParts {
  readonly training: LabelledSet;
  readonly validation: LabelledSet;
  readonly testing: LabelledSet;
}

/** Fewer examples of each side than this leave a standard error above 0.05. */
export const FEWEST_OF_EACH = 200;
/** Shares of all examples; the rest is tested on. */
const [TRAINED, VALIDATED] = [0.6, 0.1];

/**
 * Random parts of both sides, with everything refused that cannot be compared. Images come out as uint8.
 *
 * @param most - examples of each side at most
 * @throws as `twoSampleTest`
 */
export function twoSampleParts(
  real: Tensor,
  fake: Tensor,
  { kind, most, seed }: { readonly kind: 'images' | 'points'; readonly most: number; readonly seed: number },
): TwoSampleParts {
  const caller = 'twoSampleTest';
  const sides = {
    real: exampleSetOf(caller, real, { kind, name: 'real examples', least: FEWEST_OF_EACH }),
    fake: exampleSetOf(caller, fake, {
      kind,
      name: 'samples',
      least: FEWEST_OF_EACH,
      exampleShape: real.shape.slice(1),
      because: 'as the real examples are',
    }),
  };
  if (areAlike(sides.real))
    throw new DataError(
      `${caller}: real examples must differ from each other, got ${sides.real.count} that are all alike`,
    );
  const each = Math.min(sides.real.count, sides.fake.count, most);
  if (!(Number.isInteger(each) && each >= FEWEST_OF_EACH))
    throw new ConfigError(`${caller}: most must be a count of at least ${FEWEST_OF_EACH}, got ${most}`);
  const order = {
    real: permutation({ seed, stream: streamOf('twoSample/real') }, 0, sides.real.count),
    fake: permutation({ seed, stream: streamOf('twoSample/fake') }, 0, sides.fake.count),
  };
  const part = (from: number, to: number): LabelledSet => {
    const parts = [
      picked(kind, sides.real, order.real.subarray(from, to)),
      picked(kind, sides.fake, order.fake.subarray(from, to)),
    ];
    return {
      count: 2 * (to - from),
      examples: joined(parts),
      labels: Uint8Array.from({ length: 2 * (to - from) }, (_, i) => (i < to - from ? 1 : 0)),
    };
  };
  const trained = Math.round(each * TRAINED);
  const validated = trained + Math.round(each * VALIDATED);
  return {
    training: part(0, trained),
    validation: part(trained, validated),
    testing: part(validated, each),
  };
}

/** Some rows of a set; pixels as bytes. */
function picked(
  kind: 'images' | 'points',
  { count, examples }: ExampleSet,
  rows: Uint32Array,
): Uint8Array | Float32Array {
  const size = examples.length / count;
  const out = kind === 'images' ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  const scale = kind === 'images' && examples instanceof Float32Array ? 255 : 1;
  for (const [i, row] of rows.entries())
    for (let j = 0; j < size; j++) {
      const value = examples[row * size + j]!;
      out[i * size + j] = scale === 1 ? value : Math.round(value * scale);
    }
  return out;
}

function joined(parts: readonly (Uint8Array | Float32Array)[]): Uint8Array | Float32Array {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const whole = parts[0] instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
