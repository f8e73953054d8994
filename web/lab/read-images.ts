import type { LabImages } from '../../src/lab/lab-protocol.ts';

/** How the visitor's images become examples. */
export interface ImageFormat {
  /** Pixels an edge: the middle square of each image, scaled. */
  readonly edge: number;
  readonly colour: boolean;
}

/** What came of the files. */
export interface ReadImages {
  readonly images: LabImages;
  /** Files that are no images this browser can read. */
  readonly unreadable: readonly string[];
}

/**
 * Decodes image files in the browser: the middle square of each, scaled to `edge`, as uint8 [N, C, edge, edge]; grey by the
 * weights of Rec. 601.
 *
 * @param progress - told how many are done
 */
export async function readImages(
  files: readonly File[],
  { edge, colour }: ImageFormat,
  progress: (done: number) => void,
): Promise<ReadImages> {
  const channels = colour ? 3 : 1;
  const area = edge * edge;
  const pixels = new Uint8Array(files.length * channels * area);
  const canvas = new OffscreenCanvas(edge, edge);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  const unreadable: string[] = [];
  let count = 0;
  for (const [i, file] of files.entries()) {
    const bitmap = await createImageBitmap(file).catch(() => undefined);
    progress(i + 1);
    if (!bitmap) {
      unreadable.push(file.name);
      continue;
    }
    const square = Math.min(bitmap.width, bitmap.height);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, edge, edge);
    const [left, top] = [(bitmap.width - square) / 2, (bitmap.height - square) / 2];
    context.drawImage(bitmap, left, top, square, square, 0, 0, edge, edge);
    bitmap.close();
    const { data } = context.getImageData(0, 0, edge, edge);
    const at = count * channels * area;
    for (let pixel = 0; pixel < area; pixel++) {
      const [red, green, blue] = [data[4 * pixel]!, data[4 * pixel + 1]!, data[4 * pixel + 2]!];
      if (colour) {
        pixels[at + pixel] = red;
        pixels[at + area + pixel] = green;
        pixels[at + 2 * area + pixel] = blue;
      } else pixels[at + pixel] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    }
    count++;
  }
  return {
    images: { pixels: pixels.slice(0, count * channels * area), count, channels, height: edge, width: edge },
    unreadable,
  };
}
