import { ConfigError } from '../errors.ts';
import { oneOf } from '../nearest-name.ts';

/** How a folder of image files becomes a data set. Together with the files it decides every byte of it. */
export interface ImageReading {
  /** Height and width in pixels, an integer from 8 to 512. */
  readonly size: number;
  /** `crop`: the middle square, enlarged or reduced. `pad`: the whole picture, with white beside it. */
  readonly fit: 'crop' | 'pad';
  /** 1: grey. 3: colour. `auto`: grey where every picture is. */
  readonly channels: 1 | 3 | 'auto';
  /** Whether pictures are resized in linear light, so that fine bright detail keeps its brightness. */
  readonly linear: boolean;
  /** `folders`: the class of a picture is the sub-folder it lies in. `none`: there are no classes. */
  readonly classes: 'folders' | 'none';
  /** Whether half of the pictures in every minibatch are mirrored left to right. */
  readonly flip: boolean;
  /** Share of the pictures that is kept back for validation, and the same again for testing; in [0, 0.4]. */
  readonly heldOut: number;
}

/** The sizes that are read. Below 8 nothing is left of a photo; above 512 no network here could learn it. */
export const imageSizes = { least: 8, most: 512 } as const;

/** The largest share of the pictures that may be kept back for each of validation and testing. */
export const mostHeldOut = 0.4;

/**
 * What holds where nothing else is said. 32 pixels are what a processor can learn within half an hour; linear light is
 * left out because published data sets were reduced without it.
 */
export const defaultImageReading: ImageReading = {
  size: 32,
  fit: 'crop',
  channels: 'auto',
  linear: false,
  classes: 'none',
  flip: false,
  heldOut: 0.1,
};

const choices = {
  fit: ['crop', 'pad'],
  channels: [1, 3, 'auto'],
  linear: [true, false],
  classes: ['folders', 'none'],
  flip: [true, false],
} as const satisfies { readonly [K in keyof ImageReading]?: readonly ImageReading[K][] };

/**
 * The reading that `given` asks for, every key filled in.
 *
 * @param given - keys that differ from `defaultImageReading`; undefined ones are left as they are
 * @throws ConfigError for an unknown key, or a value out of its range
 */
export function imageReading(
  given: { readonly [K in keyof ImageReading]?: ImageReading[K] | undefined } = {},
): ImageReading {
  const keys = Object.keys(defaultImageReading);
  for (const [key, value] of Object.entries(given)) {
    if (!keys.includes(key)) throw new ConfigError(`images: unknown key: ${key}. ${oneOf(key, keys)}`);
    const allowed: readonly unknown[] | undefined = choices[key as keyof typeof choices];
    if (value !== undefined && allowed && !allowed.includes(value))
      throw new ConfigError(`images.${key}: must be one of ${allowed.join(', ')}, got ${value}`);
  }
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const reading: ImageReading = { ...defaultImageReading, ...stated };
  const { size, heldOut } = reading;
  const { least, most } = imageSizes;
  if (!Number.isInteger(size) || size < least || size > most)
    throw new ConfigError(
      `images.size: must be a whole number from ${least} to ${most} pixels, got ${size}. 32 is learned fastest`,
    );
  if (!(heldOut >= 0 && heldOut <= mostHeldOut))
    throw new ConfigError(
      `images.heldOut: must be a share from 0 to ${mostHeldOut} for each of validation and test, got ${heldOut}`,
    );
  return reading;
}
