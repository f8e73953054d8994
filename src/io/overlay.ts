import type { Image } from './image.ts';

type Rgb = readonly [number, number, number];

const paper: Rgb = [255, 255, 255];
const realGrey: Rgb = [168, 168, 168];
const sampleBlue: Rgb = [24, 92, 214];
const frameGrey: Rgb = [225, 225, 225];

/** Steps of coverage in either layer: their 16 x 16 mixtures and the frame's grey fit the 256 colours of a GIF. */
const levels = 15;

const mix = (below: Rgb, above: Rgb, share: number): Rgb => [
  below[0] + share * (above[0] - below[0]),
  below[1] + share * (above[1] - below[1]),
  below[2] + share * (above[2] - below[2]),
];

/** The colours of all pairs of steps, [real * (levels + 1) + sample]; under full blue every grey is the same. */
function mixtures(): Uint8Array[] {
  const steps = Array.from({ length: levels + 1 }, (_, step) => step / levels);
  return steps.flatMap((real) =>
    steps.map((sample) => Uint8Array.from(mix(mix(paper, realGrey, real), sampleBlue, sample), Math.round)),
  );
}

/**
 * The look that all figures of data share: samples in blue over real data in grey on white, in a thin frame.
 *
 * @param real, sample - how much of each pixel is covered, float32 [size, size] in [0, 1]
 * @returns a picture of 3 channels and at most 256 colours
 */
export function overlay(real: Float32Array, sample: Float32Array, size: number): Image {
  const colours = mixtures();
  const data = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const realStep = Math.round(real[pixel]! * levels);
    const sampleStep = Math.round(sample[pixel]! * levels);
    data.set(colours[realStep * (levels + 1) + sampleStep]!, pixel * 3);
  }
  for (let i = 0; i < size; i++)
    for (const pixel of [i, (size - 1) * size + i, i * size, i * size + size - 1])
      data.set(frameGrey, pixel * 3);
  return { width: size, height: size, channels: 3, data };
}
