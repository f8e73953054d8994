import { describe, expect, it, test } from 'vitest';
import { namedSets } from '../data/disk/registry.ts';
import { type Table, tableWidth } from '../data/table/table.ts';
import { elementCount } from '../graph/tensor.ts';
import { parameterCount } from '../nn/summary.ts';
import { buildGame } from './build-game.ts';
import type { DatasetFacts } from './dataset-facts.ts';
import { presetFor, presets } from './presets.ts';
import { resolveConfig } from './resolve-config.ts';

const table: Table = {
  columns: [
    { kind: 'numeric', name: 'n', mean: 0, deviation: 1, minimum: 0, maximum: 9, decimals: 0 },
    { kind: 'categorical', name: 'c', categories: ['a', 'b', 'c'] },
  ],
};

/** What a preset's game needs of its data, which is not loaded. */
function factsOf(name: string): DatasetFacts {
  if (name === 'table.csv')
    return { name, kind: 'points', exampleShape: [tableWidth(table)], dtype: 'float32', table };
  const set = namedSets.find((candidate) => candidate.name === name)!;
  if (set.source === 'density')
    return { name, kind: 'points', exampleShape: set.distribution.exampleShape, dtype: 'float32' };
  return {
    name,
    kind: 'images',
    exampleShape: set.exampleShape,
    dtype: 'uint8',
    classes: set.classes.length,
  };
}

const gameOf = (preset: string) =>
  buildGame(resolveConfig({ preset }), factsOf(presets[preset]!.config.data));

// Facts of the released networks; computed from their YAML files by hand, layer by layer. Nothing here draws a weight.
test.each([
  ['goodfellow2014-mnist', 2_503_984, 1_231_441],
  ['goodfellow2014-tfd-pretrain', 83_250_304, 21_037_201],
  ['goodfellow2014-tfd', 84_858_404, 21_037_201],
  ['goodfellow2014-cifar', 89_395_072, 37_393_601],
  ['goodfellow2014-cifar-conv', 64_825_072, 12_454_073],
])('%s has the released number of parameters', (preset, generator, discriminator) => {
  const game = gameOf(preset);
  expect(parameterCount(game.generator.network)).toBe(generator);
  expect(parameterCount(game.discriminator.network)).toBe(discriminator);
});

test.each(Object.keys(presets))('%s: its networks fit its data', (preset) => {
  const game = gameOf(preset);
  expect(elementCount(game.generator.network.outputShape)).toBe(elementCount(game.examples.shape));
});

describe('the second stage of TFD', () => {
  const [first, second] = ['goodfellow2014-tfd-pretrain', 'goodfellow2014-tfd'].map(
    (name) => presets[name]!.config,
  );

  it('ends in the generator of the first, whose z it makes', () => {
    const layers = second!.generator.layers;
    expect(layers.slice(-first!.generator.layers.length)).toEqual(first!.generator.layers);
    expect(layers.at(-first!.generator.layers.length - 2)).toMatchObject({ dense: first!.latentDim });
    expect(second!.pretrained).toBe('goodfellow2014-tfd-pretrain-1');
  });
});

test.each([
  ['mnist', 'mnist'],
  ['fashion-mnist', 'mnist'],
  ['cifar10', 'cifar10'],
  ['faces', 'faces'],
  ['faces:3', 'faces'],
  ['tfd:1', 'faces'],
  ['./mine.npy', 'digits'],
  [undefined, 'digits'],
])('%s starts from %s', (data, preset) => {
  expect(presetFor(data)).toBe(preset);
});

test.each([
  [[3, 32, 32], 'images'],
  [[1, 48, 48], 'images'],
  [[3, 64, 64], 'images-64'],
  [[3, 128, 96], 'images-128'],
  [[1, 28, 28], 'digits'],
])('images %j of the user start from %s', (exampleShape, preset) => {
  expect(presetFor('./photos', { kind: 'images', exampleShape })).toBe(preset);
});

test.each([
  ['images', 28],
  ['images', 32],
  ['images', 45],
  ['images-64', 64],
  ['images-128', 128],
])('%s takes images of %d x %d', (preset, side) => {
  const config = resolveConfig({ preset });
  const facts: DatasetFacts = { name: 'p', kind: 'images', exampleShape: [3, side, side], dtype: 'uint8' };
  expect(buildGame(config, facts).generator.network.outputShape).toEqual([3, side, side]);
});
