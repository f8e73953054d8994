import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveRuns, type TestedDashboard } from '../../test/served-dashboard.ts';
import { trainConditional, trainRing } from '../../test/trained-run.ts';
import { minibatches } from '../data/minibatches.ts';
import { ring8 } from '../data/toy.ts';
import { decodePng } from '../io/png.ts';
import { streamOf } from '../random/threefry.ts';
import { openSession } from '../runtime/node-session.ts';
import { discriminatorAt } from '../train/discriminator-values.ts';
import { readTrainedGenerator } from '../train/disk/trained-generator.ts';
import { samplesAt } from '../train/draw-samples.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import type { ApiError, DiscriminatorHistogram, NearestExample, RunDetail } from './api.ts';

const home = mkdtempSync(join(tmpdir(), 'analysis-'));
let page: TestedDashboard;

beforeAll(async () => {
  await trainRing(join(home, 'ring'));
  await trainRing(join(home, 'plain'));
  await trainConditional(join(home, 'animals'));
  page = await serveRuns(home, { data: [join(home, 'animals-data')] });
}, 60_000);

afterAll(async () => {
  await page?.served.close();
  rmSync(home, { recursive: true, force: true });
});

const get = async <T>(path: string): Promise<T> => (await page.ask(path)).json<T>();
const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

describe("D's histogram", () => {
  it('is what D says of real points and of samples', async () => {
    const found = await get<DiscriminatorHistogram>('/api/runs/ring/histograms?step=2');
    const { game, variables } = await readTrainedGenerator(join(home, 'ring'), { step: 2 });
    const session = await openSession({ device: 'cpu', threads: 1 });
    try {
      const z = sheetLatent(game, 1, 500, 'histogram/latent');
      const fake = await samplesAt(game, variables, z, { session, averaged: false });
      const points = new Float32Array(1000);
      minibatches(ring8, { batch: 500, seed: 1 }).fill(0, 0, points);
      const real = { dtype: 'float32', shape: [500, 2], data: points } as const;
      const saidOfReal = await discriminatorAt(game, variables, real, session);
      expect(found.mean.real).toBeCloseTo(saidOfReal.reduce((sum, value) => sum + value, 0) / 500, 5);
      const said = await discriminatorAt(game, variables, fake, session);
      const mean = said.reduce((sum, value) => sum + value, 0) / 500;
      expect(found.mean.fake).toBeCloseTo(mean, 5);
      const binned = new Array<number>(40).fill(0);
      for (const value of said) binned[Math.min(39, Math.floor(value * 40))]!++;
      expect(found.fake).toEqual(binned);
    } finally {
      await session.release();
    }
    expect(found).toMatchObject({ step: 2, unit: 'probability', count: 500, steps: [1, 2, 3] });
    expect(found.edges).toHaveLength(41);
    expect([found.edges[0], found.edges[40]]).toEqual([0, 1]);
    expect([total(found.real), total(found.fake)]).toEqual([500, 500]);
    expect(found.mean.real).not.toBe(found.mean.fake);
  });

  it('is of the newest checkpoint where none is named', async () => {
    expect((await get<DiscriminatorHistogram>('/api/runs/ring/histograms')).step).toBe(3);
  });

  it('can be had of images with classes, of as many as there are', async () => {
    const found = await get<DiscriminatorHistogram>('/api/runs/animals/histograms');
    const { summary } = await get<RunDetail>('/api/runs/animals');
    expect(summary.state).toBe('finished');
    expect(found.count).toBe(total(found.real));
    expect(found.count).toBeGreaterThan(20);
    expect(found.count).toBeLessThanOrEqual(36);
  });

  it('is refused for a step that has no checkpoint', async () => {
    const answer = await page.ask('/api/runs/ring/histograms?step=77');
    expect(answer.status).toBe(404);
    expect(answer.json<ApiError>().error).toBe(
      'checkpoint: ring must have one of step 77, got those of 1, 2, 3',
    );
  });

  it('is refused where the checkpoint is damaged, with what to do', async () => {
    writeFileSync(join(home, 'plain', 'checkpoints', 'step-3.safetensors'), 'cut');
    const answer = await page.ask('/api/runs/plain/histograms?step=3');
    expect(answer.status).toBe(409);
    expect(answer.json<ApiError>().error).toMatch(
      /It was cut or damaged. Take --checkpoint 2, which is good$/,
    );
    expect((await page.ask('/api/runs/plain/histograms?step=2')).status).toBe(200);
  });

  it('is refused where the server may not open the data, which the page is told beforehand', async () => {
    const strict = await serveRuns(home);
    try {
      const answer = await strict.ask('/api/runs/animals/histograms');
      expect(answer.status).toBe(403);
      const { error } = answer.json<ApiError>();
      expect(error).toMatch(
        /^data: .*animals-data must be among what this server may open. Start it with --data /,
      );
      expect((await strict.ask('/api/runs/animals')).json<RunDetail>().dataRefused).toBe(error);
      expect((await strict.post('/api/runs/animals/nearest', { sample: new Array(64).fill(0) })).status).toBe(
        403,
      );
    } finally {
      await strict.served.close();
    }
  });
});

describe('the nearest training example', () => {
  it('of a training image is that image', async () => {
    const image = decodePng(await readFile(join(home, 'animals-data', 'cat', '4.png')));
    const sample = Array.from(image.data, (byte) => byte / 255);
    const found = (await page.post('/api/runs/animals/nearest', { sample })).json<NearestExample>();
    expect(found.shape).toEqual([1, 8, 8]);
    expect(found.label).toBe('cat');
    expect(found.distance).toBeLessThan(1e-5);
    expect(found.example.every((value, i) => Math.abs(value - sample[i]!) < 1e-6)).toBe(true);
  });

  it('of a point is the nearest of the points that are searched', async () => {
    const found = (await page.post('/api/runs/ring/nearest', { sample: [2, 0.1] })).json<NearestExample>();
    const points = new Float32Array(2 * found.searched);
    ring8.draw({ seed: 0, stream: streamOf('nearest/real') }, 0, points);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < points.length; i += 2)
      best = Math.min(best, Math.hypot(points[i]! - 2, points[i + 1]! - Math.fround(0.1)));
    expect(found.distance).toBeCloseTo(best, 6);
    expect(Math.hypot(found.example[0]! - 2, found.example[1]! - 0.1)).toBeCloseTo(best, 6);
  });

  it.each([[[1]], [[1, 2, 3]], [['a', 'b']], [[1, null]], ['text'], [undefined]])(
    'is refused for %j, which is no sample',
    async (sample) => {
      const answer = await page.post('/api/runs/ring/nearest', { sample });
      expect(answer.status).toBe(400);
      expect(answer.json<ApiError>().error).toMatch(
        /^sample: must be 2 finite numbers, one example \[2\], got /,
      );
    },
  );

  it('is refused for a body of more than four megabytes', async () => {
    const answer = await page.post('/api/runs/ring/nearest', { sample: new Array(2_500_000).fill(0) });
    expect(answer.status).toBe(413);
  });
});

describe('the generator', () => {
  it('of a checkpoint is an ONNX file that makes its samples', async () => {
    const response = await fetch(`http://127.0.0.1:${page.served.port}/api/runs/ring/generator?step=1`);
    expect(response.headers.get('x-step')).toBe('1');
    const model = new Uint8Array(await response.arrayBuffer());
    const { game, variables } = await readTrainedGenerator(join(home, 'ring'), { step: 1 });
    const session = await openSession({ device: 'cpu', threads: 1 });
    try {
      const z = () => sheetLatent(game, 7, 5);
      const wanted = await samplesAt(game, variables, z(), { session });
      await session.compile({ name: 'fetched', model, carried: [] });
      expect((await session.run('fetched', { z: z() }))['samples']!.data).toEqual(wanted.data);
    } finally {
      await session.release();
    }
  });

  it('is there for the newest checkpoint at the address that the run names', async () => {
    const { generator } = await get<RunDetail>('/api/runs/ring');
    expect(generator).toBe('/api/runs/ring/generator?step=3');
    expect((await page.ask(generator!)).headers['x-step']).toBe('3');
  });

  it('cannot be had of a run without a checkpoint', async () => {
    await rm(join(home, 'plain', 'checkpoints'), { recursive: true });
    expect((await get<RunDetail>('/api/runs/plain')).generator).toBeUndefined();
    expect((await page.ask('/api/runs/plain/generator')).status).toBe(404);
  });
});
