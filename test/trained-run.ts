import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeNpy } from '../src/io/npy.ts';
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

/** The path of a checkpoint of a run. */
export function checkpointPath(folder: string, step: number): string {
  return join(folder, 'checkpoints', `step-${step}.safetensors`);
}
