import type { ExampleSet, FiniteDataset } from '../src/data/dataset.ts';
import { fingerprint } from '../src/data/fingerprint.ts';
import { fillUniform } from '../src/random/uniform.ts';

/** Side of an image, pixels. */
const SIDE = 8;

/**
 * Images of a bright bar on noise, 8 x 8, four classes: it lies or stands, in the first or in the second half. Enough to
 * learn from in a second, and learned by nobody without training.
 */
export function barImages(count: number, seed: number): ExampleSet & { readonly labels: Uint8Array } {
  const pixels = new Float32Array(count * SIDE * SIDE);
  const places = new Float32Array(count);
  fillUniform({ seed, stream: 1 }, 0, pixels, 0, 100);
  fillUniform({ seed, stream: 2 }, 0, places, 0, 16);
  const labels = new Uint8Array(count);
  for (const [i, place] of places.entries()) {
    const line = Math.floor(place) % SIDE;
    const stands = place >= SIDE;
    labels[i] = (stands ? 2 : 0) + (line < SIDE / 2 ? 0 : 1);
    for (let along = 0; along < SIDE; along++)
      pixels[i * SIDE * SIDE + (stands ? along * SIDE + line : line * SIDE + along)]! += 110;
  }
  return { count, examples: Uint8Array.from(pixels), labels };
}

/** Images of bars as a data set. @param parts - replaces any of its parts */
export async function barDataset(parts: Partial<FiniteDataset> = {}): Promise<FiniteDataset> {
  const content = {
    kind: 'images' as const,
    name: 'bars',
    exampleShape: [1, SIDE, SIDE],
    train: barImages(1200, 1),
    validation: barImages(100, 2),
    test: barImages(400, 3),
    classes: ['low', 'high', 'left', 'right'],
    ...parts,
  };
  return { ...content, fingerprint: await fingerprint(content) };
}
