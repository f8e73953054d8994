import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Evaluation } from '../src/evaluation/evaluation.ts';
import { encodeNpy } from '../src/io/npy.ts';
import { runTraining } from '../src/train/disk/training-run.ts';
import type { ConfigRequest } from '../src/train/resolve-config.ts';
import { trainConditional } from './trained-run.ts';

const flags: ConfigRequest['flags'] = {
  steps: 40,
  batch: 8,
  device: 'cpu',
  threads: 1,
  checkpointEvery: 20,
  sampleEvery: 10,
};
const set = ['latentDim=5', 'generator.layers.0.dense=12', 'discriminator.layers.0.dense=12'];

/** What is said of the run `sick`. */
export const collapse = 'the generator has collapsed: every z gives the same sample';

/** What was measured of the run `ring`. */
const evaluation: Evaluation = {
  subject: { data: 'ring8', samples: 2500, source: 'ring', step: 40, weights: 'average', seed: 1 },
  notices: [],
  modesCovered: { value: 7, total: 8, protocol: { fake: 2500 } },
};

/**
 * Runs of every kind that a dashboard shows, each trained for 40 steps or less: `ring` (points, evaluated), `sick` (the same with
 * a finding), `pictures` (images of 8 x 6 pixels), `animals` (images of three classes).
 *
 * @returns data of the runs that has no name
 */
export async function trainRuns(home: string): Promise<readonly string[]> {
  const runs = join(home, 'runs');
  await mkdir(runs, { recursive: true });
  const pictures = join(home, 'pictures.npy');
  const pixels = Uint8Array.from({ length: 64 * 48 }, (_, i) => (i * 7919 + (i >> 4) * 131) % 256);
  await writeFile(pictures, encodeNpy({ dtype: 'uint8', shape: [64, 8, 6], data: pixels }));

  for await (const _ of runTraining({ set, flags, preset: 'ring8', out: join(runs, 'ring') }));
  await cp(join(runs, 'ring'), join(runs, 'sick'), { recursive: true });
  const finding = {
    condition: 'collapse',
    state: 'begins',
    sentence: collapse,
    advice: 'try R1',
    figures: {},
  };
  await appendFile(
    join(runs, 'sick', 'metrics.jsonl'),
    `${JSON.stringify({ step: 40, diagnosis: finding })}\n`,
  );
  await writeFile(join(runs, 'ring', 'evaluation.json'), JSON.stringify(evaluation));

  const request = { set: [...set, 'generator.layers.2.dense=12'], preset: 'digits' };
  const images = { ...flags, data: pictures, seed: 3 };
  for await (const _ of runTraining({ ...request, flags: images, out: join(runs, 'pictures') }));
  await trainConditional(join(runs, 'animals'));
  await cp(join(runs, 'animals-data'), join(home, 'animals-data'), { recursive: true });
  return [pictures];
}
