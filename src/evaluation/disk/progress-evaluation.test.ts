import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type RunEvent, type RunRequest, runTraining } from '../../train/disk/training-run.ts';
import { progressEvaluation } from './progress-evaluation.ts';

const folder = mkdtempSync(join(tmpdir(), 'zerosum-progress-'));
afterAll(() => rm(folder, { recursive: true }));

const evaluation = () =>
  progressEvaluation({
    every: 40,
    measures: ['jsd', 'highQualityFraction'],
    best: 'highQualityFraction',
    count: 500,
  });

async function train(name: string, request: RunRequest): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  const quick = { preset: 'ring8', set: ['checkpointEvery=50', 'sampleEvery=1000'] };
  const given = request.resume ? request : { ...quick, ...request };
  for await (const event of runTraining({ ...given, out: join(folder, name), evaluation: evaluation() }))
    events.push(event);
  return events;
}

const curve = (name: string): Record<string, number>[] =>
  readFileSync(join(folder, name, 'evaluations.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('training with measures along the way', () => {
  it('writes the curve, keeps the best checkpoint, and resumes to the same curve', async () => {
    const events = await train('whole', { flags: { steps: 300 } });
    const lines = curve('whole');
    expect(lines.map(({ step }) => step)).toEqual([40, 80, 120, 160, 200, 240, 280, 300]);
    for (const { jsd, highQualityFraction } of lines) {
      expect(jsd).toBeGreaterThan(0);
      expect(jsd).toBeLessThanOrEqual(Math.log(2));
      expect(highQualityFraction).toBeGreaterThanOrEqual(0);
    }
    const best = lines.reduce((a, b) => (b['highQualityFraction']! > a['highQualityFraction']! ? b : a));
    expect(readdirSync(join(folder, 'whole', 'checkpoints'))).toContain(`step-${best['step']}.safetensors`);
    const improved = events.filter((event) => event.type === 'evaluated' && event.best);
    expect(improved.at(-1)).toMatchObject({ step: best['step'] });

    await train('parts', { flags: { steps: 180 } });
    await train('parts', { resume: true, flags: { steps: 300 } });
    // The run that stopped measured its last step, 180, as well.
    expect(curve('parts').filter(({ step }) => step !== 180)).toEqual(lines);
    const last = (name: string) => readFileSync(join(folder, name, 'checkpoints', 'step-300.safetensors'));
    expect(last('parts').equals(last('whole'))).toBe(true);
  }, 60_000);

  it('trains to the same bits as without measures', async () => {
    const plain: RunRequest = {
      preset: 'ring8',
      set: ['checkpointEvery=50', 'sampleEvery=1000'],
      flags: { steps: 300 },
      out: join(folder, 'plain'),
    };
    for await (const _ of runTraining(plain));
    const metrics = (name: string) => readFileSync(join(folder, name, 'metrics.jsonl'), 'utf8');
    expect(metrics('plain')).toBe(metrics('whole'));
  }, 60_000);

  it('refuses a measure that the data does not allow before it makes a folder', async () => {
    const request = {
      preset: 'ring8',
      out: join(folder, 'refused'),
      evaluation: progressEvaluation({ every: 10, measures: ['parzen'] }),
    };
    await expect(async () => {
      for await (const _ of runTraining(request));
    }).rejects.toThrow('--evaluate: parzen must be a measure that ring8 allows');
    expect(readdirSync(folder)).not.toContain('refused');
  });

  it('refuses a best that is not measured', () => {
    expect(() => progressEvaluation({ every: 10, measures: ['jsd'], best: 'kl' })).toThrow(
      '--best: unknown measure kl. One of jsd',
    );
  });
});
