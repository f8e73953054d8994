import { describe, expect, it } from 'vitest';
import { tinyGame } from '../../test/tiny-games.ts';
import { ConfigError } from '../errors.ts';
import { type Game, initialVariables } from '../gan/game.ts';
import { relu, sigmoid } from '../nn/activations.ts';
import { batchNorm } from '../nn/batch-norm.ts';
import { dense } from '../nn/dense.ts';
import type { Layer } from '../nn/layer.ts';
import { sequential } from '../nn/sequential.ts';
import { withPretrained } from './pretrained.ts';

/** The tiny game on 2 x 3 pixels with a generator of other layers. */
function gameWith(layers: readonly Layer[], latentDim: number, averageDecay?: number): Game {
  const game = tinyGame({
    shape: [1, 2, 3],
    range: 'unit',
    ...(averageDecay === undefined ? {} : { averageDecay }),
  });
  const network = sequential('generator', [latentDim], layers);
  return { ...game, generator: { ...game.generator, network } };
}

const trained = () => [dense({ units: 7 }), relu(), dense({ units: 6 }), sigmoid()];
const extended = () => [dense({ units: 9 }), relu(), dense({ units: 4 }), sigmoid(), ...trained()];

describe('withPretrained', () => {
  const before = gameWith(trained(), 4);
  const variables = initialVariables(before, 1);
  const pretrained = { game: before, variables, source: 'runs/first' };

  it('takes the last layers and leaves everything else', () => {
    const game = gameWith(extended(), 5);
    const initial = initialVariables(game, 2);
    const started = withPretrained(game, initial, pretrained);
    const moved = {
      'generator/dense3/weight': 'generator/dense1/weight',
      'generator/dense3/bias': 'generator/dense1/bias',
      'generator/dense4/weight': 'generator/dense2/weight',
      'generator/dense4/bias': 'generator/dense2/bias',
    };
    expect(Object.keys(started)).toEqual(Object.keys(initial));
    for (const [name, tensor] of Object.entries(started)) {
      const from = moved[name as keyof typeof moved];
      expect(tensor, name).toBe(from ? variables[from] : initial[name]);
    }
  });

  it('takes averages where they are kept, and starts the new average there', () => {
    const averaged = gameWith(trained(), 4, 0.9);
    const source = initialVariables(averaged, 1);
    for (const [name, { data }] of Object.entries(source))
      if (name.startsWith('average/')) (data as Float32Array).fill(0.25);
    const game = gameWith(extended(), 5, 0.9);
    const started = withPretrained(game, initialVariables(game, 2), {
      game: averaged,
      variables: source,
      source: 'runs/first',
    });
    for (const name of ['generator/dense4/weight', 'average/generator/dense4/weight'])
      expect((started[name]!.data as Float32Array).every((value) => value === 0.25)).toBe(true);
  });

  it('takes running statistics, and their average', () => {
    const layers = () => [dense({ units: 6 }), batchNorm(), sigmoid()];
    const averaged = gameWith(layers(), 4, 0.9);
    const source = initialVariables(averaged, 1);
    (source['generator/batchNorm1/mean']!.data as Float32Array).fill(5);
    (source['average/generator/batchNorm1/mean']!.data as Float32Array).fill(0.5);
    const game = gameWith([dense({ units: 4 }), batchNorm(), ...layers()], 5, 0.9);
    const pretrainedGame = { game: averaged, variables: source, source: 'runs/first' };
    const started = withPretrained(game, initialVariables(game, 2), pretrainedGame);
    const meanOf = (name: string) => [...(started[name]!.data as Float32Array)];
    expect(meanOf('generator/batchNorm2/mean')).toEqual(new Array(6).fill(0.5));
    expect(meanOf('average/generator/batchNorm2/mean')).toEqual(new Array(6).fill(0.5));
    expect(meanOf('generator/batchNorm1/mean')).toEqual(new Array(4).fill(0));
  });

  it.each([
    [
      'fewer layers',
      [dense({ units: 6 }), sigmoid()],
      'pretrained: the generator must end in the 4 layers of runs/first, got 2 layers',
    ],
    [
      'another width',
      [dense({ units: 8 }), relu(), dense({ units: 6 }), sigmoid()],
      'pretrained: the generator must end in the layers of runs/first, got dense1, weight [4, 8], bias [8] where that has dense1, weight [4, 7], bias [7]',
    ],
    [
      'another activation',
      [dense({ units: 7 }), sigmoid(), dense({ units: 6 }), sigmoid()],
      'pretrained: the generator must end in the layers of runs/first, got sigmoid1 where that has relu1',
    ],
  ])('refuses %s', (_, layers, message) => {
    const game = gameWith(layers, 4);
    expect(() => withPretrained(game, initialVariables(game, 1), pretrained)).toThrow(
      new ConfigError(message),
    );
  });
});
