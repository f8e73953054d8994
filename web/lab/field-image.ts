import type { Palette, Rgb } from './palette.ts';

/** What colour a value has: red, green, blue, alpha. */
export type ColourOf = (value: number) => readonly [number, number, number, number];

const between = (a: Rgb, b: Rgb, share: number): readonly [number, number, number, number] => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
  255,
];

/** Colours of a probability: from fake by even to real. NaN, where any D is optimal, has none. */
export function probabilityColours({ heat }: Palette): ColourOf {
  return (p) => {
    if (Number.isNaN(p)) return [0, 0, 0, 0];
    return p < 0.5 ? between(heat.fake, heat.even, 2 * p) : between(heat.even, heat.real, 2 * p - 1);
  };
}

/** Opacity of a density: by its root, so that thin places are still seen. */
export function densityColours(colour: Rgb, most: number): ColourOf {
  return (p) => [...colour, most > 0 ? 255 * Math.min(1, Math.sqrt(p / most)) : 0];
}

/**
 * A field as a picture of one pixel a cell.
 *
 * @param field - row-major [size, size], row 0 at the bottom
 */
export function fieldImage(field: ArrayLike<number>, size: number, colourOf: ColourOf): OffscreenCanvas {
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(size, size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      image.data.set(colourOf(field[row * size + column]!), 4 * ((size - 1 - row) * size + column));
  context.putImageData(image, 0, 0);
  return canvas;
}
