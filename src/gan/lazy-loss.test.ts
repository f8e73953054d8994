import { expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32 } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { grad } from '../graph/grad.ts';
import { input } from '../graph/value.ts';
import { blendedLoss, lazyLoss } from './lazy-loss.ts';
import { discriminatorLoss, generatorLoss, type Loss } from './loss.ts';
import { minimax, nonSaturating } from './losses/cross-entropy.ts';
import { hinge } from './losses/hinge.ts';

// As probabilities: 0.119, 0.378, 0.622, 0.881.
const logits = [-2, -0.5, 0.5, 2];

/** The gradients of both losses by each logit, times their number. */
async function slopes(loss: Loss): Promise<{ real: number[]; fake: number[]; generator: number[] }> {
  const [real, fake] = [input('real', 'float32', [4, 1]), input('fake', 'float32', [4, 1])];
  const [byReal, byFake] = grad(discriminatorLoss(loss, real, fake), [real, fake]);
  const [ofG] = grad(generatorLoss(loss, fake), [fake]);
  const column = float32([4, 1], logits);
  const found = await runGraph(
    { 'd real': byReal!, 'd fake': byFake!, 'd generator': ofG! },
    { real: column, fake: column },
  );
  const times4 = (name: string) => [...found[`d ${name}`]!.data].map((slope) => 4 * Number(slope));
  return { real: times4('real'), fake: times4('fake'), generator: times4('generator') };
}

it('thresholded: G learns only where D is below 1/2', async () => {
  const plain = await slopes(nonSaturating);
  const found = await slopes(lazyLoss(nonSaturating, { generator: 0 }));
  expect(found.real).toEqual(plain.real);
  expect(found.fake).toEqual(plain.fake);
  expect(found.generator).toBeAllClose([plain.generator[0]!, plain.generator[1]!, 0, 0]);
});

it('lazy: each player learns where it is not right by its margin', async () => {
  const plain = await slopes(minimax);
  const found = await slopes(lazyLoss(minimax, { discriminator: 0.15, generator: 0.3 }));
  // D(x) < .65; D(G(z)) > .35; D(G(z)) < .8
  expect(found.real).toBeAllClose([...plain.real.slice(0, 3), 0]);
  expect(found.fake).toBeAllClose([0, ...plain.fake.slice(1)]);
  expect(found.generator).toBeAllClose([...plain.generator.slice(0, 3), 0]);
});

it('blended: a share of each generator loss, the first discriminator', async () => {
  const [first, second] = [await slopes(nonSaturating), await slopes(minimax)];
  const found = await slopes(blendedLoss(nonSaturating, minimax, 0.25));
  expect(found.real).toEqual(first.real);
  expect(found.generator).toBeAllClose(
    first.generator.map((slope, i) => 0.75 * slope + 0.25 * second.generator[i]!),
  );
});

it('refuses margins outside of [0, 1/2), critics, and shares that are none', () => {
  expect(() => lazyLoss(minimax, { generator: 0.5 })).toThrow(
    new ConfigError('lazyLoss: the margin of the generator must be in [0, 1/2), got 0.5'),
  );
  expect(() => lazyLoss(hinge, {})).toThrow(
    new ConfigError('lazyLoss: the loss must be one of log-odds (minimax, nonSaturating), got hinge'),
  );
  expect(() => blendedLoss(minimax, nonSaturating, 1.5)).toThrow(
    new ConfigError('blendedLoss: share must be in [0, 1], got 1.5'),
  );
});
