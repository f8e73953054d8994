import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../train/disk/run-record.ts';
import { presets } from '../train/presets.ts';
import { type RunSigns, runState, stepsOfRun } from './run-state.ts';

const quiet: RunSigns = {
  holder: undefined,
  updatedAt: 1_000_000,
  now: 1_000_500,
  checkpoint: 100,
  steps: 300,
  wasFinished: false,
  error: undefined,
};

const held = (is: 'known' | 'likely' | 'elsewhere' | 'dead') => ({ holder: { pid: 7, host: 'here', is } });

describe('runState', () => {
  it.each<[string, Partial<RunSigns>, string]>([
    ['a living process holds it', held('known'), 'running'],
    ['a process with that number holds it', held('likely'), 'running'],
    ['it has been resumed after it was finished', { ...held('known'), checkpoint: 300 }, 'running'],
    ['another machine holds it and writes', held('elsewhere'), 'running'],
    ['another machine holds it and is silent', { ...held('elsewhere'), now: 1_130_000 }, 'unknown'],
    ['its last checkpoint is of its last step', { checkpoint: 300 }, 'finished'],
    ['its process was killed right after that', { checkpoint: 300, ...held('dead') }, 'finished'],
    [
      'it once was at its end, and nobody knows where that is',
      { steps: undefined, wasFinished: true },
      'finished',
    ],
    ['its process let go of it', {}, 'stopped'],
    ['it was finished once and now is to go further', { wasFinished: true }, 'stopped'],
    ['it has said why', { error: 'lossD has become NaN' }, 'failed'],
    ['its process is gone without a word', held('dead'), 'failed'],
  ])('where %s', (_, signs, state) => {
    expect(runState({ ...quiet, ...signs }).state).toBe(state);
  });

  it('says why', () => {
    expect(runState({ ...quiet, error: 'lossD has become NaN' }).failure).toBe('lossD has become NaN');
    expect(runState({ ...quiet, ...held('dead') }).failure).toBe(
      'its process (7) ended without a word: killed, or the machine went down. It can be resumed from step 100',
    );
  });
});

describe('stepsOfRun', () => {
  const { steps: _, ...rest } = presets['digits']!.config;
  const record = (config: object, trainingExamples?: number): RunRecord => ({
    config: { ...rest, preset: 'digits', batch: 64, k: 2, ...config },
    dataset: {
      name: 'digits',
      kind: 'images',
      exampleShape: [1, 28, 28],
      dtype: 'uint8',
      fingerprint: 'f',
      ...(trainingExamples === undefined ? {} : { trainingExamples }),
    },
    versions: {},
  });

  it('is what the config says', () => {
    expect(stepsOfRun(record({ steps: 77 }))).toBe(77);
  });

  it('is whole passes of k minibatches a step where it says epochs', () => {
    expect(stepsOfRun(record({ epochs: 3 }, 1000))).toBe(3 * 7);
  });

  it('is not known where nobody has counted the examples', () => {
    expect(stepsOfRun(record({ epochs: 3 }))).toBeUndefined();
  });
});
