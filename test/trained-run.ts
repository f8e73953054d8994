import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy } from '../src/io/npy.ts';
import { encodePng } from '../src/io/png.ts';
import { runTraining } from '../src/train/disk/training-run.ts';
import type { ConfigRequest } from '../src/train/resolve-config.ts';

/** Small networks, three steps, a checkpoint after each: what a test needs of a preset to be quick. */
const quick: Pick<ConfigRequest, 'set' | 'flags'> = {
  flags: { steps: 3, batch: 8, device: 'cpu', threads: 1, checkpointEvery: 1, sampleEvery: 3 },
  set: ['latentDim=5', 'generator.layers.0.dense=12', 'discriminator.layers.0.dense=12'],
};

/** Trains three steps on ring8 in `folder`. */
export async function trainRing(folder: string): Promise<void> {
  for await (const _ of runTraining({ ...quick, preset: 'ring8', out: folder }));
}

/**
 * Trains three steps on random grey images of 6 x 4 pixels in `folder`; the last layer starts from their marginals. The
 * data is gone afterwards.
 *
 * @param settings - more assignments `key.path=value`
 */
export async function trainImages(folder: string, ...settings: readonly string[]): Promise<void> {
  const data = `${folder}.npy`;
  const pixels = Uint8Array.from({ length: 32 * 24 }, (_, i) => (i * 7919) % 256);
  await writeFile(data, encodeNpy({ dtype: 'uint8', shape: [32, 6, 4], data: pixels }));
  const set = [...quick.set!, 'generator.layers.2.dense=12', ...settings];
  const flags = { ...quick.flags, data };
  for await (const _ of runTraining({ set, flags, preset: 'digits', out: folder }));
  await rm(data);
}

/** The classes of `trainConditional`, in the order of their labels. */
export const conditionalClasses = ['bird', 'cat', 'dog'] as const;

/**
 * Trains three steps on random grey images of 8 x 8 pixels in three classes, each a folder; the class goes into both
 * networks. The data stays, in `${folder}-data`.
 *
 * @param settings - more assignments `key.path=value`
 */
export async function trainConditional(folder: string, ...settings: readonly string[]): Promise<void> {
  const data = `${folder}-data`;
  for (const [label, name] of conditionalClasses.entries()) {
    await mkdir(join(data, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const pixels = Uint8Array.from({ length: 64 }, (_, at) => ((12 * label + i) * 7919 + at * 131) % 256);
      const image = encodePng({ width: 8, height: 8, channels: 1, data: pixels });
      await writeFile(join(data, name, `${i}.png`), image);
    }
  }
  const flags = { ...quick.flags, data, images: { size: 8, classes: 'folders' as const } };
  const set = [
    'latentDim=5',
    'generator.layers=["concatLabels",{"dense":12},"relu",{"dense":"data"},"sigmoid"]',
    'discriminator.layers=["flatten","concatLabels",{"dense":12},"relu",{"dense":1}]',
    ...settings,
  ];
  for await (const _ of runTraining({ set, flags, preset: 'cgan', out: folder }));
}

/** The path of a checkpoint of a run. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, 'checkpoints', `step-${step}.safetensors`);
}
