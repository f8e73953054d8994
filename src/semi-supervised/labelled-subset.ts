import type { ExampleSet } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';

/**
 * Labelled examples as few as somebody might have paid for: of every class equally many, or one more, chosen at random.
 *
 * @param set - with labels
 * @param count - at least one for every class; as many as there are, or more: all of them
 * @param seed - which ones; uint32
 * @throws DataError where there are no labels, or fewer of a class than are needed
 */
export function labelledSubset(
  { count: n, examples, labels }: ExampleSet,
  { name, classes, count, seed }: { name: string; classes: number; count: number; seed: number },
): ExampleSet & { readonly labels: Uint8Array } {
  if (!labels) throw new DataError(`features: ${name} must have labels, got none`);
  if (count >= n) return { count: n, examples, labels };
  if (count < classes)
    throw new DataError(`features: labels must be at least one for each of ${classes} classes, got ${count}`);
  const wanted = Array.from(
    { length: classes },
    (_, label) => Math.floor(count / classes) + (label < count % classes ? 1 : 0),
  );
  const left = [...wanted];
  const chosen: number[] = [];
  for (const example of permutation({ seed, stream: streamOf('semiSupervised/labels') }, 0, n))
    if (left[labels[example]!]! > 0) {
      left[labels[example]!]!--;
      chosen.push(example);
    }
  const short = left.findIndex((missing) => missing > 0);
  if (short >= 0)
    throw new DataError(
      `features: ${name} must have ${wanted[short]} examples of class ${short} for ${count} labels, got ${wanted[short]! - left[short]!}. Ask for fewer with --labels`,
    );
  const size = examples.length / n;
  const picked = examples.slice(0, count * size);
  for (const [i, example] of chosen.entries())
    picked.set(examples.subarray(example * size, (example + 1) * size), i * size);
  return {
    count,
    examples: picked,
    labels: Uint8Array.from(chosen, (example) => labels[example]!),
  };
}
