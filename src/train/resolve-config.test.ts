import { expect, test } from 'vitest';
import { presets } from './presets.ts';
import { resolveConfig, resumeConfig, resumeDifferences, trainingIdentity } from './resolve-config.ts';

test('preset < file < --set < flags', () => {
  const request = {
    preset: 'mnist',
    file: { batch: 10, k: 10, seed: 10, latentDim: 10 },
    set: ['batch=20', 'k=20', 'seed=20'],
    flags: { batch: 30, seed: undefined },
  };
  const config = resolveConfig(request);
  expect(config).toMatchObject({ preset: 'mnist', data: 'mnist', latentDim: 10, seed: 20, k: 20, batch: 30 });
  expect(config.generator).toEqual(presets['mnist']!.config.generator);
});

test.each([
  [{ flags: { data: 'mnist' } }, 'mnist'],
  [{ flags: { data: 'fashion-mnist' } }, 'mnist'],
  [{ flags: { data: 'swissroll' } }, 'ring8'],
  [{ flags: { data: 'toString' } }, 'digits'],
  [{ flags: { data: './mine.npy' } }, 'digits'],
  [{ file: { data: 'grid25' } }, 'grid25'],
  [{ file: { data: 'grid25' }, flags: { data: undefined } }, 'grid25'],
  [{ file: { preset: 'ring8', data: 'grid25' } }, 'ring8'],
  [{ file: { preset: 'ring8' }, preset: 'mnist' }, 'mnist'],
])('%j starts from preset %s', (request, preset) => {
  const config = resolveConfig(request);
  expect(config.preset).toBe(preset);
  expect(config.latentDim).toBe(presets[preset]!.config.latentDim);
});

test("a run's config.json and a file with a link to the schema are config files", () => {
  const config = resolveConfig({ preset: 'ring8', set: ['k=3'] });
  const record = { $schema: 'x', formatVersion: 1, versions: {}, dataset: {}, ...config };
  expect(resolveConfig({ file: record })).toEqual(config);
});

test.each(['mnst', 'toString', '__proto__'])('unknown preset %s', (preset) => {
  expect(() => resolveConfig({ preset })).toThrow(
    `config: unknown preset: ${preset}. One of digits, mnist, mnist-long, faces, cifar10, images, images-64, images-128, goodfellow2014-mnist, goodfellow2014-tfd-pretrain, goodfellow2014-tfd, goodfellow2014-cifar, goodfellow2014-cifar-conv, dcgan, lsgan, wgan, wgan-gp, sngan, r1, r3gan-small, cgan, acgan, ring8, grid25, table.`,
  );
});

test.each([[['learningRate=0.1', 'name=sgd']], [['name=sgd', 'learningRate=0.1']]])(
  'an optimiser is changed by %j',
  (settings) => {
    const set = settings.map((setting) => `generator.optimiser.${setting}`);
    expect(resolveConfig({ set }).generator.optimiser).toEqual({
      name: 'sgd',
      learningRate: 0.1,
      momentum: 0,
    });
  },
);

test('steps and epochs take each other away, and an optional part is taken away by null', () => {
  expect(resolveConfig({ flags: { epochs: 2 } })).not.toHaveProperty('steps');
  expect(resolveConfig({ preset: 'goodfellow2014-mnist', flags: { steps: 2 } })).not.toHaveProperty('epochs');
  expect(resolveConfig({ set: ['ema=null'] })).not.toHaveProperty('ema');
  expect(() => resolveConfig({ flags: { epochs: 2, steps: 2 } })).toThrow('config: steps must be given');
});

test.each([
  [{ file: [] }, 'config file: must hold a JSON object, got []'],
  [{ set: ['latentdim=3'] }, 'config: unknown key: latentdim.'],
  [{ set: ['__proto__.x=3'] }, 'config: unknown key: __proto__.'],
  [{ set: ['generator.layers.9.dense=3'] }, 'config: generator.layers must be indexed from 0 to 5, got 9.'],
  [{ set: ['batch=NaN'] }, 'config: batch must be a number, got "NaN"'],
  [{ set: ['batch=1e999'] }, 'config: batch must be a number, got Infinity'],
  [{ flags: { steps: -1 } }, 'config: steps must be at least 1, got -1'],
])('%j is refused', (request, message) => {
  expect(() => resolveConfig(request)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  expect(() => resolveConfig(request)).toThrow(message);
});

const saved = resolveConfig({ preset: 'ring8', set: ['generator.optimiser.learningRate=0.1'] });

test('resume takes the config of the run, and another stop, device and cadence', () => {
  expect(resumeConfig(saved)).toEqual(saved);
  const set = [
    'checkpointEvery=7',
    'sampleEvery=8',
    'logEvery=2',
    'gradientNormsEvery=9',
    'threads=2',
    'dataDir=x',
  ];
  const resumed = resumeConfig(saved, {
    preset: 'ring8',
    set,
    flags: { epochs: 3, device: 'wasm', data: 'ring8' },
  });
  const { steps, ...rest } = saved;
  const cadences = { checkpointEvery: 7, sampleEvery: 8, logEvery: 2, gradientNormsEvery: 9 };
  expect(steps).toBeGreaterThan(0);
  expect(resumed).toEqual({ ...rest, ...cadences, threads: 2, dataDir: 'x', epochs: 3, device: 'wasm' });
  expect(resumeDifferences(saved, resumed)).toEqual([]);
});

test.each([
  [{ preset: 'mnist' }, 'preset must stay "ring8" as the run was started, got "mnist"'],
  [{ file: { preset: 'mnist' } }, 'preset must stay "ring8" as the run was started, got "mnist"'],
  [{ flags: { seed: 2 } }, 'seed must stay 1 as the run was started, got 2'],
  [{ flags: { data: 'grid25' } }, 'data must stay "ring8" as the run was started, got "grid25"'],
  [{ set: ['k=2', 'batch=9'] }, 'batch must stay 128 as the run was started, got 9'],
  [{ set: ['ema=null'] }, 'ema must stay {"decay":0.999} as the run was started, got nothing'],
  [
    { set: ['generator.optimiser.learningRate=0.2'] },
    'generator.optimiser.learningRate must stay 0.1 as the run',
  ],
  [
    { set: ['discriminator.optimiser.learningRate.linear.to=1'] },
    'discriminator.optimiser.learningRate.linear.to must stay 0 as',
  ],
  [{ set: ['generator.layers.0.dense=32'] }, 'generator.layers must stay [{"dense":64},'],
  [
    { set: ['loss.name=minimax'] },
    'loss.name must stay "nonSaturating" as the run was started, got "minimax"',
  ],
])('resume refuses %j', (request, message) => {
  expect(() => resumeConfig(saved, request)).toThrow(`resume: ${message}`);
  expect(() => resumeConfig(saved, request)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
});

test('the training identity depends on what decides the numbers, and on nothing else', () => {
  const identity = trainingIdentity(saved);
  const elsewhere = {
    ...saved,
    steps: 9,
    device: 'wasm',
    threads: 3,
    dataDir: '/x',
    data: '/y.npy',
    preset: 'z',
  } as const;
  expect(trainingIdentity({ ...elsewhere, logEvery: 3, sampleEvery: 4, checkpointEvery: 5 })).toBe(identity);
  expect(
    trainingIdentity(Object.fromEntries(Object.entries(saved).reverse()) as unknown as typeof saved),
  ).toBe(identity);
  const others = [
    'seed=2',
    'batch=5',
    'k=2',
    'latent=uniform',
    'latentDim=3',
    'range=unit',
    'penalties.0.r1.gamma=1',
    'ema=null',
  ];
  for (const set of others)
    expect(trainingIdentity(resolveConfig({ file: { ...saved }, set: [set] }))).not.toBe(identity);
});
