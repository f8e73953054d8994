import * as z from 'zod';
import { defaultImageReading, type ImageReading, imageSizes, mostHeldOut } from '../data/image-reading.ts';
import { closed } from './schema-terms.ts';

const usual = defaultImageReading;

/** How a folder of images is read, with what `defaultImageReading` says where a key is left out. */
export const imagesSchema: z.ZodType<ImageReading> = closed({
  size: z
    .int()
    .min(imageSizes.least)
    .max(imageSizes.most)
    .default(usual.size)
    .describe(`Height and width in pixels. Default ${usual.size}, which is learned within half an hour.`),
  fit: z
    .enum(['crop', 'pad'])
    .default(usual.fit)
    .describe(
      '"crop": the middle square of each image. "pad": all of it, with white beside it. Default "crop".',
    ),
  channels: z
    .literal([1, 3, 'auto'])
    .default(usual.channels)
    .describe('1: grey. 3: colour. Default "auto": grey where all images are.'),
  linear: z
    .boolean()
    .default(usual.linear)
    .describe('Whether images are resized in linear light. Default false, as published data sets were.'),
  classes: z
    .enum(['folders', 'none'])
    .default(usual.classes)
    .describe('"folders": the class of an image is the sub-folder that it lies in. Default "none".'),
  flip: z
    .boolean()
    .default(usual.flip)
    .describe(
      'Whether each image of a minibatch is mirrored left to right with probability 1/2. Default false.',
    ),
  heldOut: z
    .number()
    .min(0)
    .max(mostHeldOut)
    .default(usual.heldOut)
    .describe(
      `Share of the images kept back for validation, and for testing as much again. Default ${usual.heldOut}; 0 trains on all of them.`,
    ),
});
