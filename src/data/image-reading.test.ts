import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { presets } from '../train/presets.ts';
import { parseConfig } from '../train/resolve-config.ts';
import { defaultImageReading, imageReading } from './image-reading.ts';

const config = (images: unknown) => parseConfig({ preset: 'digits', ...presets['digits']!.config, images });

describe('imageReading', () => {
  it('fills in what is not said, as a config does', () => {
    expect(imageReading()).toEqual(defaultImageReading);
    expect(imageReading({ size: 64, flip: undefined })).toEqual({ ...defaultImageReading, size: 64 });
    expect(config({}).images).toEqual(defaultImageReading);
    expect(config({ size: 64 }).images).toEqual(imageReading({ size: 64 }));
  });

  it.each([
    [{ size: 7 }, 'images.size: must be a whole number from 8 to 512 pixels, got 7'],
    [{ size: 513 }, 'got 513'],
    [{ size: 32.5 }, 'got 32.5'],
    [{ fit: 'squeeze' }, 'images.fit: must be one of crop, pad, got squeeze'],
    [{ channels: 4 }, 'images.channels: must be one of 1, 3, auto, got 4'],
    [{ linear: 1 }, 'images.linear: must be one of true, false, got 1'],
    [{ classes: 'names' }, 'images.classes: must be one of folders, none, got names'],
    [{ flip: 'yes' }, 'images.flip: must be one of true, false, got yes'],
    [{ heldOut: 0.5 }, 'images.heldOut: must be a share from 0 to 0.4'],
    [{ heldOut: Number.NaN }, 'got NaN'],
    [{ sise: 32 }, 'images: unknown key: sise. One of size, '],
  ])('%j is refused, in a config too', (images, message) => {
    expect(() => imageReading(images as never)).toThrow(ConfigError);
    expect(() => imageReading(images as never)).toThrow(message);
    expect(() => config(images)).toThrow(ConfigError);
  });
});
