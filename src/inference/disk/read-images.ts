import { readFile } from 'node:fs/promises';
import { decodeImage, loadSharp } from '../../data/disk/images/decode-image.ts';
import { ConfigError, DataError } from '../../errors.ts';
import { asSamples, type ExampleFormat } from '../../gan/example-format.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { fileError } from '../../train/disk/file-error.ts';

/**
 * Picture files as a generator's samples come out: PNG, JPEG, WebP, GIF, AVIF, TIFF, upright, the middle square resized,
 * grey where the generator draws grey.
 *
 * @param caller - the command that an error names
 * @param format - of the generator's examples
 * @returns float32 [N, C, H, W], pixels in [0, 1]
 * @throws DataError where a file cannot be read or is no picture; ConfigError where the generator's images are not square
 */
export async function readImages(
  caller: string,
  paths: readonly string[],
  format: Pick<ExampleFormat, 'shape' | 'range'>,
): Promise<Tensor<'float32'>> {
  const [channels = 0, height = 0, width = 0] = format.shape;
  if (height !== width || (channels !== 1 && channels !== 3))
    throw new ConfigError(
      `${caller}: picture files must be read for square images of 1 or 3 channels, got a run of [${format.shape.join(', ')}]. Leave the files out to look at its own data`,
    );
  const sharp = await loadSharp();
  const size = channels * height * width;
  const data = new Float32Array(paths.length * size);
  for (const [i, path] of paths.entries()) {
    const bytes = await readFile(path).catch((error: unknown) => {
      throw fileError(`${caller}: ${path} must be readable`, error);
    });
    try {
      const reading = { size: height, fit: 'crop', linear: false, planes: channels } as const;
      const { pixels } = await decodeImage(sharp, bytes, reading);
      data.set(asSamples(pixels, format), i * size);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(`${caller}: ${path} must be a picture, got one that ${error.message}`, {
        cause: error,
      });
    }
  }
  return { dtype: 'float32', shape: [paths.length, channels, height, width], data };
}
