import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openRunData } from '../src/evaluation/disk/run-data.ts';
import { readTrainedGenerator } from '../src/train/disk/trained-generator.ts';
import { type RunEvent, type RunRequest, runTraining } from '../src/train/disk/training-run.ts';
import { presetFor } from '../src/train/presets.ts';
import { filesOf, zerosum } from './zerosum-process.ts';

let root: string;
const at = (name: string) => join(root, name);

/** Waves of light, another picture for every number, in sizes and formats that take turns. */
async function photo(i: number): Promise<{ name: string; bytes: Buffer }> {
  const [width, height] = [40 + (i % 7), 30 + (i % 11)];
  const pixels = Buffer.from(
    Array.from({ length: 3 * width * height }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return Math.round(127 + 120 * Math.sin((x * (i % 5) + y * (i % 3) + 9 * i) / 20 + (at % 3)));
    }),
  );
  const format = (['jpeg', 'png', 'webp'] as const)[i % 3]!;
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer();
  return { name: `${i % 2 ? 'day' : 'night'}/${i}.${format}`, bytes };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-image-runs-'));
  vi.stubEnv('ZEROSUM_CACHE', at('cache'));
  for (const sub of ['day', 'night']) mkdirSync(at(`photos/${sub}`), { recursive: true });
  for (let i = 0; i < 60; i++) {
    const { name, bytes } = await photo(i);
    writeFileSync(at(`photos/${name}`), bytes);
  }
  writeFileSync(at('photos/broken.jpg'), 'not a picture');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Narrow layers on 8 x 8 pixels, mirrored at random. */
const small = (out: string, steps: number): RunRequest => ({
  preset: 'faces',
  set: [
    'generator.layers=[{"dense":12},"relu",{"dense":"data"},"tanh"]',
    'discriminator.layers=[{"dense":12},{"leakyRelu":0.2},{"dense":1}]',
    'batch=8',
  ],
  flags: {
    data: at('photos'),
    images: { size: 8, flip: true },
    device: 'cpu',
    threads: 1,
    steps,
    checkpointEvery: 2,
    sampleEvery: 2,
  },
  out: at(out),
});

async function run(request: RunRequest): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of runTraining(request)) events.push(event);
  return events;
}

const configOf = (out: string) => JSON.parse(readFileSync(at(`${out}/config.json`), 'utf8'));

test('train FOLDER takes the preset that suits images, names what it leaves out, and keeps how it read the rest', async () => {
  const ended = await zerosum(
    root,
    'train',
    'photos',
    '--size',
    '32',
    '--steps',
    '2',
    '--batch',
    '4',
    '--out',
    'a',
  );
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).toMatch(
    /^decoding 61 images\n1 of 61 image files are left out:\n {2}broken\.jpg: holds no image/,
  );
  expect(ended.stderr).toMatch(/data +photos, 48 training examples of shape \[3, 32, 32\]/);
  const config = configOf('a');
  expect(config.preset).toBe(presetFor('photos', { kind: 'images', exampleShape: [3, 32, 32] }));
  expect(config).toMatchObject({
    data: 'photos',
    images: {
      size: 32,
      fit: 'crop',
      channels: 'auto',
      linear: false,
      classes: 'none',
      flip: false,
      heldOut: 0.1,
    },
    dataset: { name: 'photos', kind: 'images', exampleShape: [3, 32, 32], dtype: 'uint8' },
  });
});

test('a resumed run on a folder becomes the uninterrupted one, bit for bit', async () => {
  await run(small('whole', 6));
  await run(small('parts', 3));
  // Nothing is said of the folder again.
  await run({ resume: true, out: at('parts'), flags: { steps: 6 } });
  const [whole, parts] = [filesOf(at('whole')), filesOf(at('parts'))];
  const checkpoint = 'checkpoints/step-6.safetensors';
  expect(whole).toHaveProperty([checkpoint]);
  expect(parts[checkpoint]).toBe(whole[checkpoint]);
  expect(parts['metrics.jsonl']).toBe(whole['metrics.jsonl']);
});

test('a run knows its data: it refuses another reading and other images', async () => {
  const again = (flags: RunRequest['flags']) =>
    run({ resume: true, out: at('parts'), flags: { steps: 8, ...flags } });
  await expect(again({ images: { size: 9 } })).rejects.toThrow(
    'resume: images.size must stay 8 as the run was started, got 9. Start a new run to change it',
  );
  const generator = await readTrainedGenerator(at('parts'));
  const dataset = await openRunData('evaluate', {}, generator);
  expect(dataset.fingerprint).toBe(configOf('parts').dataset.fingerprint);
  // Other images are read so that they can be compared.
  mkdirSync(at('others'));
  for (const i of [1, 3, 5, 7])
    copyFileSync(at(`photos/day/${i}.${['jpeg', 'png', 'webp'][i % 3]}`), at(`others/${i}.jpg`));
  const others = await openRunData('evaluate', { data: at('others') }, generator);
  expect(others.exampleShape).toEqual([3, 8, 8]);
  copyFileSync(at('photos/day/1.png'), at('photos/night/one-more.png'));
  try {
    await expect(again({})).rejects.toThrow(
      /data photos must be what the run was started on, with fingerprint/,
    );
    await expect(openRunData('evaluate', {}, generator)).rejects.toThrow(
      /photos must be the data that .* learned/,
    );
  } finally {
    rmSync(at('photos/night/one-more.png'));
  }
});

test('classes and mirroring are part of how a folder is read', async () => {
  const request = small('plain', 2);
  const images = { size: 8, classes: 'folders' };
  await run({ ...request, flags: { ...request.flags, images } });
  expect(configOf('plain')).toMatchObject({
    images: { classes: 'folders', flip: false },
    dataset: { classes: 2 },
  });
  const firstStep = (out: string) =>
    JSON.parse(
      readFileSync(at(`${out}/metrics.jsonl`), 'utf8')
        .split('\n')
        .find((line) => line.includes('lossD'))!,
    );
  expect(firstStep('parts')).toMatchObject({ step: firstStep('plain').step });
  expect(firstStep('plain').lossD).not.toBe(firstStep('parts').lossD);
});

test('what cannot be is said before anything is made', async () => {
  const request = small('never', 2);
  const refused = (flags: RunRequest['flags']) =>
    expect(run({ ...request, flags: { ...request.flags, ...flags } })).rejects;
  await refused({ data: 'digits' }).toThrow(/--size and .* must be used with a folder of images, got digits/);
  await refused({ images: { size: 4 } }).toThrow('config: images.size must be at least 8, got 4');
  await refused({ images: { sise: 16 } }).toThrow(/unknown key in images: sise\. .*Did you mean size\?/);
  await refused({ batch: 64 }).toThrow(
    'minibatches: photos must have at least k x batch = 1 x 64 = 64 training examples, got 48. Set batch to at most 48',
  );
  expect(() => readFileSync(at('never/config.json'))).toThrow('ENOENT');
});
