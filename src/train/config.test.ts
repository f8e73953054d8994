import { expect, test } from 'vitest';
import * as z from 'zod';
import { configKeys, configSchema } from './config.ts';
import { configFileJsonSchema } from './config-json-schema.ts';
import { presets } from './presets.ts';
import { parseConfig, resolveConfig } from './resolve-config.ts';

const ring8 = resolveConfig({ preset: 'ring8' });

/** ring8 with one place replaced; the path is written as an error writes it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(ring8) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, copy);
  parent[last] = value;
  return copy;
}

test.each(Object.entries(presets))('preset %s is a complete config', (preset, { config, description }) => {
  expect(parseConfig({ ...config, preset })).toEqual({ ...config, preset });
  expect(description).toMatch(/^[^\n]{20,110}$/);
});

test('the first preset is the default, and every preset trains on data of its own', () => {
  expect(Object.keys(presets)[0]).toBe('digits');
  expect(resolveConfig().preset).toBe('digits');
});

/** path, value, and what the error says after `config: `. */
const notALayer =
  'generator.layers[1] must be the name of a layer or an object that begins with one, "relu" or {"dense": 64}: one of relu, sigmoid, tanh, leakyRelu, dropout, dense, maxout, conv, convTranspose, convMaxout, residual, bottleneck, flatten, reshape, project, crop, batchNorm, layerNorm, instanceNorm, groupNorm, pixelNorm, minibatchDeviation, averagePool, maxPool, globalPool, upsample, spectralNorm, equalised, concatLabels, conditionalBatchNorm, projection, auxiliaryClassifier, gumbelSoftmax, mixture';

const refused: [string, unknown, string][] = [
  ['batch', -100, 'batch must be at least 1, got -100'],
  ['batch', 0, 'batch must be at least 1, got 0'],
  ['batch', 99.5, 'batch must be a whole number, got 99.5'],
  ['batch', Number.NaN, 'batch must be a number, got NaN'],
  ['batch', Number.POSITIVE_INFINITY, 'batch must be a number, got Infinity'],
  ['batch', '100', 'batch must be a number, got "100"'],
  ['batch', null, 'batch must be a number, got null'],
  ['batch', undefined, 'batch must be a number, got nothing'],
  ['steps', 1.5, 'steps must be a whole number, got 1.5'],
  ['steps', 2 ** 32, 'steps must be at most 4294967295, got 4294967296'],
  ['epochs', 1, 'steps must be given, or epochs instead, but not both, got 8000'],
  ['seed', -1, 'seed must be at least 0, got -1'],
  ['k', 0, 'k must be at least 1, got 0'],
  ['latentDim', 2.5, 'latentDim must be a whole number, got 2.5'],
  ['latentdim', 2, `unknown key: latentdim. One of ${configKeys.join(', ')}. Did you mean latentDim?`],
  ['latent', 'normal', 'latent must be one of uniform, gaussian, spherical, got "normal"'],
  [
    'latent',
    'gausian',
    'latent must be one of uniform, gaussian, spherical, got "gausian". Did you mean gaussian?',
  ],
  ['threads', 0, 'threads must be at least 1, got 0'],
  ['preset', '../x', 'preset must be a name of letters, digits, dots and dashes, got "../x"'],
  ['data', '', 'data must not be empty, got ""'],
  ['generator', 3, 'generator must be an object, got 3'],
  ['generator.layers', [], 'generator.layers must hold at least one entry, got []'],
  [
    'generator.layers',
    ['relu'],
    'generator.layers must hold a dense, maxout, conv or convTranspose layer, got ["relu"]',
  ],
  ['generator.layers.0.dense', -5, 'generator.layers[0].dense must be at least 1, got -5'],
  [
    'generator.layers.0.dense',
    'data',
    'generator.layers[0].dense must be a number of units ("data" is for the generator\'s last dense layer), got "data"',
  ],
  [
    'generator.layers.0.bias',
    'marginals',
    'generator.layers[0].bias must be "zeros" or a number ("marginals" is for the generator\'s last dense layer), got "marginals"',
  ],
  [
    'generator.layers.0.inti',
    'he',
    'unknown key in generator.layers[0]: inti. One of dense, init, bias. Did you mean init?',
  ],
  ['generator.layers.1', 'rellu', `${notALayer}, got "rellu". Did you mean relu?`],
  ['generator.layers.1', { dens: 3 }, `${notALayer}, got {"dens":3}. Did you mean dense?`],
  ['generator.layers.1', 'conv', `${notALayer}, got "conv"`],
  ['generator.layers.1', { relu: true }, `${notALayer}, got {"relu":true}. Did you mean "relu"?`],
  [
    'generator.layers.1',
    { conv: { channels: 8 } },
    'generator.layers[1].conv.size must be a number, got nothing',
  ],
  [
    'generator.layers.1',
    { convTranspose: { channels: 8, size: 4, strides: 2 } },
    'unknown key in generator.layers[1].convTranspose: strides. One of channels, size, stride, padding, dilation, groups, biases, outputPadding. Did you mean stride?',
  ],
  [
    'generator.layers.1',
    { conv: { channels: 8, size: 3, padding: [1, 1] } },
    'generator.layers[1].conv.padding must be a whole number of at least 0 or [top, left, bottom, right], got [1,1]',
  ],
  [
    'generator.layers.1',
    { spectralNorm: 'relu' },
    'generator.layers[1].spectralNorm must be a layer with weights, one of dense, maxout, conv, convTranspose, convMaxout, residual, bottleneck, projection, auxiliaryClassifier, got "relu"',
  ],
  [
    'generator.layers.1',
    { spectralNorm: { conv: { channels: 'all', size: 3 } } },
    'generator.layers[1].spectralNorm.conv.channels must be a whole number of at least 1 or "data", got "all"',
  ],
  [
    'discriminator.layers.0',
    { spectralNorm: { conv: { channels: 'data', size: 3 } } },
    'discriminator.layers[0].spectralNorm.conv.channels must be a number of channels ("data" is for the generator\'s last conv layer), got "data"',
  ],
  [
    'discriminator.layers.6',
    { equalised: { dense: 2 } },
    'discriminator.layers[6] must be {"dense": 1}, one logit for each example (the losses apply the sigmoid themselves), got {"equalised":{"dense":2}}',
  ],
  [
    'generator.layers.1',
    { dropout: { include: 0 } },
    'generator.layers[1].dropout.include must be greater than 0, got 0',
  ],
  [
    'generator.layers.1',
    { maxout: { units: 5 } },
    'generator.layers[1].maxout.pieces must be a number, got nothing',
  ],
  [
    'generator.layers.0.bias',
    'ones',
    'generator.layers[0].bias must be "zeros", "marginals" or a number, got "ones"',
  ],
  ['generator.init', { sparse: 0 }, 'generator.init.sparse must be at least 1, got 0'],
  [
    'range',
    'byte',
    'range must be "unit", "symmetric", "data", {"contrast": norm} or {"mean": m, "deviation": s}, got "byte"',
  ],
  ['range', { contrast: 0 }, 'range.contrast must be greater than 0, got 0'],
  [
    'range',
    { mean: 0.5 },
    'range must be "unit", "symmetric", "data", {"contrast": norm} or {"mean": m, "deviation": s}, got {"mean":0.5}',
  ],
  ['range', { mean: 2, deviation: 1 }, 'range.mean must be at most 1, got 2'],
  ['pretrained', '', 'pretrained must not be empty, got ""'],
  ['generator.init', { uniform: 0 }, 'generator.init.uniform must be greater than 0, got 0'],
  [
    'generator.init',
    'xavier',
    'generator.init must be "glorot", "he", {"uniform": r}, {"normal": sd} or {"sparse": count}, got "xavier"',
  ],
  [
    'discriminator.layers.6.dense',
    2,
    'discriminator.layers[6] must be {"dense": 1}, one logit for each example (the losses apply the sigmoid themselves), got {"dense":2}',
  ],
  [
    'discriminator.layers.0.dense',
    'data',
    'discriminator.layers[0].dense must be a number of units ("data" is for the generator\'s last dense layer), got "data"',
  ],
  [
    'generator.optimiser.name',
    'adma',
    'generator.optimiser.name must be one of sgd, adam, rmsprop, got "adma". Did you mean adam?',
  ],
  [
    'generator.optimiser.learninRate',
    1,
    'unknown key in generator.optimiser: learninRate. One of name, learningRate, beta1, beta2, epsilon. Did you mean learningRate?',
  ],
  ['generator.optimiser.beta1', 1, 'generator.optimiser.beta1 must be less than 1, got 1'],
  [
    'generator.optimiser.learningRate',
    undefined,
    'generator.optimiser.learningRate must be a number, {"constant": x}, {"linear": {"from", "to", "steps"}}, {"cosine": {"from", "to", "steps"}} or {"exponential": {"from", "divisor", "floor"}}, got nothing',
  ],
  ['generator.optimiser.learningRate', -1, 'generator.optimiser.learningRate must be at least 0, got -1'],
  [
    'generator.optimiser.learningRate',
    { linear: { from: 1, to: 0 } },
    'generator.optimiser.learningRate.linear must hold a horizon, either steps or epochs, got {"from":1,"to":0}',
  ],
  [
    'generator.optimiser.learningRate',
    { exponential: { from: 1, divisor: 1, floor: 0 } },
    'generator.optimiser.learningRate.exponential.divisor must be greater than 1, got 1',
  ],
  ['generator.maxNorm', 0, 'generator.maxNorm must be greater than 0, got 0'],
  ['loss.labelSmoothing', 1.1, 'loss.labelSmoothing must be at most 1, got 1.1'],
  ['loss.halved', 'yes', 'loss.halved must be true or false, got "yes"'],
  [
    'loss.r1Gamma',
    0.1,
    'unknown key in loss: r1Gamma. The R1 penalty is an entry of penalties by now: penalties=[{"r1":{"gamma":2}}]',
  ],
  ['penalties', [{ r1: { gamma: -0.1 } }], 'penalties[0].r1.gamma must be at least 0, got -0.1'],
  ['penalties', [{ r1: { every: 0 } }], 'penalties[0].r1.every must be at least 1, got 0'],
  [
    'penalties',
    [{ r1: { gama: 1 } }],
    'unknown key in penalties[0].r1: gama. One of gamma, every. Did you mean gamma?',
  ],
  [
    'penalties',
    [{ r3: { gamma: 1 } }],
    'penalties[0] must be one of r1, r2, gradientPenalty, zeroCentredGradientPenalty, dragan, consistency, drift with its settings: {"r1": {"gamma": 2}}, got {"r3":{"gamma":1}}. Did you mean r1?',
  ],
  [
    'penalties',
    [{ r1: {} }, { r2: {} }, { r1: { gamma: 1 } }],
    'penalties[2] must not be a second r1: each may be there once, got {"r1":{"gamma":1}}',
  ],
  [
    'loss',
    { name: 'hinge', labelSmoothing: 0.9 },
    'loss.labelSmoothing must be 1 with loss hinge: only nonSaturating and minimax have probabilities as targets, got 0.9',
  ],
  ['ema.decay', 1, 'ema.decay must be less than 1, got 1'],
  ['ema', { halfLife: 0 }, 'ema.halfLife must be greater than 0, got 0'],
  [
    'ema',
    { slow: 1 },
    'ema must be {"decay": share} or {"halfLife": images, "rampUp": share}, got {"slow":1}',
  ],
  ['pack', 3, 'pack must divide the batch of 128, got 3'],
  ['instanceNoise', -0.1, 'instanceNoise must be at least 0, got -0.1'],
  ['labels', 'true', 'labels must be one of uniform, data, got "true"'],
  [
    'generator.layers',
    ['concatLabels', { dense: 'data' }],
    'labels must be "uniform" or "data": concatLabels in generator.layers[0] sees classes, got nothing',
  ],
  [
    'discriminator.layers',
    [{ dense: 8 }, { spectralNorm: 'projection' }],
    'labels must be "uniform" or "data": projection in discriminator.layers[1] sees classes, got nothing',
  ],
  [
    'loss.auxiliary',
    { discriminator: 1, generator: 1 },
    'loss.auxiliary must be left out unless the discriminator ends in "auxiliaryClassifier", got {"discriminator":1,"generator":1}',
  ],
  ['loss.topK', 0, 'loss.topK must be greater than 0, got 0'],
  ['loss.lazy', { generator: 0.5 }, 'loss.lazy.generator must be less than 0.5, got 0.5'],
  [
    'loss',
    { name: 'hinge', lazy: { generator: 0 } },
    'loss.lazy must be left out with loss hinge: only nonSaturating and minimax give probabilities, got {"generator":0}',
  ],
  [
    'loss.consensus',
    1,
    'loss.consensus must be left out unless updateOrder is "simultaneous": it is of both gradients at one place, got 1',
  ],
  ['discriminator.weightClip', 0, 'discriminator.weightClip must be greater than 0, got 0'],
  ['checkpointEvery', 0, 'checkpointEvery must be at least 1, got 0'],
];

test.each(['symmetric', { contrast: 55 }, { mean: 0.5, deviation: 0.25 }])(
  'biases from marginals are for pixels in [0, 1]: range = %j is refused',
  (range) => {
    expect(() => parseConfig({ ...presets['digits']!.config, preset: 'digits', range })).toThrow(
      `config: range must be "unit" with bias "marginals", which are logits of pixels in [0, 1], got ${JSON.stringify(range)}`,
    );
  },
);

test.each(refused)('%s = %j is refused', (path, value, message) => {
  expect(() => parseConfig(changed(path, value))).toThrow(
    expect.objectContaining({ name: 'ConfigError', message: `config: ${message}` }),
  );
});

test('simultaneous updates take one discriminator update', () => {
  const config = { ...ring8, updateOrder: 'simultaneous', k: 2 };
  expect(() => parseConfig(config)).toThrow('config: k must be 1 with updateOrder "simultaneous"');
  expect(parseConfig({ ...config, k: 1 }).updateOrder).toBe('simultaneous');
});

test('a config that is no object, or has a prototype for a key, is refused', () => {
  expect(() => parseConfig([])).toThrow('config: must be an object, got []');
  const poisoned = JSON.parse(JSON.stringify(ring8).replace('{', '{"__proto__": {"polluted": true},'));
  expect(() => parseConfig(poisoned)).toThrow('config: unknown key: __proto__');
});

test('the JSON Schema takes presets and parts of them, and refuses what the config refuses', () => {
  const schema = z.fromJSONSchema(configFileJsonSchema());
  const accepts = (value: unknown) => schema.safeParse(value).success;
  for (const [preset, { config }] of Object.entries(presets))
    expect(accepts({ ...config, preset })).toBe(true);
  expect(accepts({})).toBe(true);
  expect(accepts({ $schema: './config.schema.json', generator: { optimiser: { learningRate: 0.1 } } })).toBe(
    true,
  );
  expect(accepts({ discriminator: { layers: [{ dense: 1 }] } })).toBe(true);
  expect(accepts({ preset: 'mnst' })).toBe(false);
  expect(accepts({ latentdim: 3 })).toBe(false);
  expect(accepts({ batch: 1.5 })).toBe(false);
  expect(accepts({ discriminator: { layers: [{ init: 'he' }] } })).toBe(false);
  expect(accepts({ generator: { optimiser: { learningRate: { linear: { from: 1 } } } } })).toBe(false);
});

test('every key is explained in the JSON Schema', () => {
  const unexplained: string[] = [];
  const visit = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, anyOf, items } = node as Record<string, unknown>;
    for (const [key, value] of Object.entries(properties ?? {})) {
      const { description, const: literal } = value as Record<string, unknown>;
      if (!description && literal === undefined) unexplained.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    for (const choice of Object.values(anyOf ?? {})) visit(choice, path);
    visit(items, `${path}[]`);
  };
  const schema = z.toJSONSchema(configSchema) as { properties: object };
  expect(Object.keys(schema.properties)).toEqual(configKeys);
  visit(configFileJsonSchema(), '');
  expect(unexplained).toEqual([]);
});
