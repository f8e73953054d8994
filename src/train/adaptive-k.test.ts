import { describe, expect, it } from 'vitest';
import { datasetFromArray } from '../data/array-dataset.ts';
import type { Dataset } from '../data/dataset.ts';
import { ring8 } from '../data/toy.ts';
import type { Game } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import { openSession } from '../runtime/node-session.ts';
import { buildGame } from './build-game.ts';
import { datasetFacts } from './dataset-facts.ts';
import { resolveConfig } from './resolve-config.ts';
import { type Metrics, type TrainSettings, train } from './trainer.ts';

/** Trains, and gives what was reported and the last variables. */
async function trained(
  game: Game,
  dataset: Dataset,
  steps: number,
  resume?: TrainSettings['resume'],
): Promise<{ rows: Metrics[]; variables: Tensors }> {
  const session = await openSession({ device: 'cpu', threads: 1 });
  const rows: Metrics[] = [];
  let variables: Tensors = {};
  try {
    for await (const event of train({ game, dataset, steps, session, ...(resume ? { resume } : {}) })) {
      if (event.type === 'metrics') rows.push(...event.rows);
      if (event.type === 'checkpoint') variables = event.variables;
    }
  } finally {
    await session.release();
  }
  return { rows, variables };
}

describe('a training with adaptive k', () => {
  const small = [
    'generator.layers=[{"dense":8},"batchNorm","relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":8},{"leakyRelu":0.2},{"dense":1}]',
    'batch=16',
  ];

  it('goes on from a checkpoint as if it had not been interrupted, some updates made and some not', async () => {
    const config = resolveConfig({
      preset: 'ring8',
      set: [...small, 'k=2', 'adaptiveK.margin=0.02', 'penalties=[{"r1":{"gamma":0.1,"every":4}}]'],
    });
    const game = buildGame(config, datasetFacts(ring8));
    const whole = await trained(game, ring8, 40);
    const made = whole.rows.map((row) => row['updates/discriminator']);
    expect(made).toContain(0);
    expect(made.lastIndexOf(2)).toBeGreaterThan(made.indexOf(0));
    const { variables } = await trained(game, ring8, 17);
    const rest = await trained(game, ring8, 40, { step: 17, variables });
    expect(rest.rows).toEqual(whole.rows.slice(17));
    expect(rest.variables).toEqual(whole.variables);
  });

  it('leaves no other setting behind: labels, noise, augmentation that adapts, two updates a step', async () => {
    const images = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i * 2654435761) >>> 24);
    const dataset = await datasetFromArray(
      { dtype: 'uint8', shape: [64, 1, 8, 8], data: images },
      { labels: Uint8Array.from({ length: 64 }, (_, i) => i % 3) },
    );
    const settings = [
      ...small,
      'generator.layers=["concatLabels",{"dense":8},"batchNorm","relu",{"dense":"data"},"sigmoid"]',
      'discriminator.layers=["flatten",{"dense":8},{"leakyRelu":0.2},"auxiliaryClassifier"]',
      'labels="data"',
      'instanceNoise={"linear":{"from":0.3,"to":0,"steps":20}}',
      'augment={"ada":{"speed":2000}}',
      'k=2',
    ];
    const gameOf = (more: readonly string[]) =>
      buildGame(resolveConfig({ preset: 'digits', set: [...settings, ...more] }), {
        ...datasetFacts(dataset),
        classes: 3,
      });
    const plain = await trained(gameOf([]), dataset, 8);
    const adaptive = await trained(gameOf(['adaptiveK.margin=0.99']), dataset, 8);
    expect(adaptive.variables).toMatchObject(plain.variables);
    // p is reported as the step leaves it, and not as D's last update found it.
    const { augmentProbability, ...row } = plain.rows[7]!;
    expect(adaptive.rows[7]).toMatchObject(row);
    expect(adaptive.rows[7]!['augmentProbability']).toBeGreaterThan(augmentProbability!);
  });
});
