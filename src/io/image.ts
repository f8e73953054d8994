import { ShapeError } from '../errors.ts';

/** A picture in memory: rows from the top, pixels from the left, channels interleaved, as in a file. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1: grey; 3: red, green, blue; 4: the same and opacity. */
  readonly channels: 1 | 3 | 4;
  /** uint8 [height, width, channels], 0 ... 255. */
  readonly data: Uint8Array;
}

/** Throws ShapeError unless size and data of `image` fit each other. */
export function requireImage(caller: string, { width, height, channels, data }: Image): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
    throw new ShapeError(
      `${caller}: width and height must be whole numbers from 1, got ${width} x ${height}`,
    );
  if (data.length !== width * height * channels)
    throw new ShapeError(
      `${caller}: an image of ${width} x ${height} pixels and ${channels} channels must hold ${width * height * channels} bytes, got ${data.length}`,
    );
}
