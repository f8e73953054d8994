import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { defaultImageReading, type ImageReading, imageSizes } from '../data/image-reading.ts';

function size(text: string): number {
  const value = Number(text);
  const { least, most } = imageSizes;
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number of pixels from ${least} to ${most}.`);
}

function channels(text: string): 1 | 3 {
  if (text === '1' || text === '3') return Number(text) as 1 | 3;
  throw new InvalidArgumentError('It must be 1 (grey) or 3 (colour).');
}

const usual = defaultImageReading;
const flags: Readonly<Record<string, () => Option>> = {
  size: () =>
    new Option('--size <pixels>', `height and width of a folder's images (default: ${usual.size})`).argParser(
      size,
    ),
  fit: () =>
    new Option('--fit <how>', `crop to the middle square or pad with white (default: ${usual.fit})`).choices([
      'crop',
      'pad',
    ]),
  channels: () =>
    new Option('--channels <n>', '1: grey, 3: colour (default: grey where all images are)').argParser(
      channels,
    ),
  linear: () => new Option('--linear', 'resize images in linear light'),
  classes: () =>
    new Option('--classes <how>', `"folders": sub-folders are classes (default: ${usual.classes})`).choices([
      'folders',
      'none',
    ]),
};

/**
 * Adds the flags that say what becomes of a folder's images, which `train`, `evaluate` and `data preview` share.
 *
 * @param command - whose action then finds them among its options: see `imagesOf`
 */
export function addImageFlags(command: { addOption(option: Option): unknown }): void {
  for (const flag of Object.values(flags)) command.addOption(flag());
}

/** What those flags, and `--flip`, say, of the options of a command: undefined where none was given. */
export function imagesOf(options: object): Partial<ImageReading> | undefined {
  const given = Object.entries(options).filter(([name, value]) => name in usual && value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
