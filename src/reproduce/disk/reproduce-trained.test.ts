import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../../io/npy.ts';
import { decodePng } from '../../io/png.ts';
import { runTraining } from '../../train/disk/training-run.ts';
import { reproduceFigure2 } from './reproduce-figure2.ts';
import { reproduceFigure3 } from './reproduce-figure3.ts';
import { reproduceTable1 } from './reproduce-table1.ts';

const folder = mkdtempSync(join(tmpdir(), 'zerosum-reproduce-'));
const run = join(folder, 'run');
const dataDir = process.env['ZEROSUM_DATA'] ?? '../shared/data';
const hasMnist = existsSync(join(dataDir, 'mnist', 't10k-images-idx3-ubyte.gz'));
if (!hasMnist) console.log(`skipped: table 1 on MNIST (no ${dataDir}/mnist; set ZEROSUM_DATA)`);
const log = (): void => undefined;

beforeAll(async () => {
  const pixels = Uint8Array.from({ length: 200 * 24 }, (_, i) => (i * 7919) % 251);
  const data = join(folder, 'data.npy');
  writeFileSync(data, encodeNpy({ dtype: 'uint8', shape: [200, 6, 4], data: pixels }));
  const set = [
    'latentDim=5',
    'generator.layers.0.dense=12',
    'generator.layers.2.dense=12',
    'discriminator.layers.0.dense=12',
  ];
  const flags = { data, steps: 3, batch: 8, device: 'cpu', threads: 1 };
  for await (const _ of runTraining({ preset: 'digits', set, flags, out: run }));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('reproduceFigure2', () => {
  it('draws samples, neighbours and the test for copies from a trained run', async () => {
    const out = join(folder, 'figure2');
    const result = await reproduceFigure2({ part: 'a', run, out, threads: 1, log });
    expect(result).toMatchObject({ part: 'a', step: 3, preset: 'digits', seed: 1 });
    expect(result.nearest).toHaveLength(4);
    expect(result.seconds).toBeGreaterThan(0);
    expect(JSON.parse(readFileSync(join(out, 'figure2a.json'), 'utf8'))).toEqual(result);
    const width = (name: string) => decodePng(readFileSync(join(out, name))).width;
    // Six columns with the neighbours', five without.
    expect(width('figure2a.png')).toBeGreaterThan(width('figure2a-samples.png'));
  }, 30_000);

  it('refuses an unknown part', async () => {
    const options = { out: join(folder, 'refused'), log };
    await expect(reproduceFigure2({ ...options, part: 'e' })).rejects.toThrow(
      '--part must be one of a, b, c, d, got e',
    );
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });
});

describe('reproduceFigure3', () => {
  it('draws lines in z space as a picture and an animation', async () => {
    const out = join(folder, 'figure3');
    const result = await reproduceFigure3({ run, out, threads: 1, log });
    const { width, height } = decodePng(readFileSync(join(out, 'figure3.png')));
    expect(width / height).toBeCloseTo((result.points * 5) / (result.lines * 7), 0);
    expect(readFileSync(join(out, 'figure3.gif')).subarray(0, 6).toString()).toBe('GIF89a');
  }, 30_000);
});

describe.skipIf(!hasMnist)('reproduceTable1', () => {
  it('measures along a training, goes on where it stopped, and stands beside what training images score', async () => {
    const out = join(folder, 'table1');
    const options = {
      data: 'mnist',
      preset: 'mnist',
      out,
      dataDir,
      threads: 1,
      log,
      samples: 100,
      evaluateEvery: 2,
    };
    await reproduceTable1({ ...options, stop: { steps: 2 } });
    const result = await reproduceTable1({ ...options, stop: { steps: 4 } });
    expect(result.curve.map(({ step }) => step)).toEqual([2, 4]);
    expect(result.step).toBe(4);
    expect(result.averaged.logLikelihood).toBeCloseTo(result.curve[1]!.averaged, 6);
    expect(result.last.logLikelihood).toBeLessThan(result.baselines.trainingData);
    expect(readFileSync(join(out, 'table1.svg'), 'utf8')).toContain('<svg');
    expect(JSON.parse(readFileSync(join(out, 'table1.json'), 'utf8'))).toEqual(result);
  }, 90_000);

  it('refuses data without a column', async () => {
    await expect(reproduceTable1({ data: 'ring8', out: join(folder, 'none'), log })).rejects.toThrow(
      '--data must be one of mnist, tfd, faces, got ring8',
    );
  });
});
