/** A data set, its preset, and the value that trainings are timed to. */
export type EfficiencySet = 'ring8' | 'digits';

/** A change of a preset that might reach the value sooner. */
export interface Variant {
  readonly name: string;
  readonly what: string;
  /** Assignments of a config over the preset. */
  readonly settings: readonly string[];
}

/** How a training is measured. */
export interface Protocol {
  readonly seeds: readonly number[];
  /** Steps between evaluations. */
  readonly period: number;
  /** Where a training that has not reached the value is given up. */
  readonly limit: number;
  /** Samples of an evaluation, from averaged weights. */
  readonly samples: number;
}

export const protocols: Readonly<Record<EfficiencySet, Protocol>> = {
  ring8: { seeds: [1, 2, 3], period: 250, limit: 7500, samples: 10_000 },
  digits: { seeds: [1, 2], period: 125, limit: 2000, samples: 2000 },
};

/** Share of samples within 3 standard deviations that is asked for beside all modes of ring8. */
export const RING_QUALITY = 0.9;

/** Fréchet distance on the learned features that is asked for of digits. */
export const DIGITS_DISTANCE = 25;

const topK = (steps: number): string => `loss.topK={"linear":{"from":1,"to":0.5,"steps":${steps}}}`;

/** What both sets are tried with. */
function common(margin: number, steps: number): readonly Variant[] {
  return [
    { name: 'default', what: 'the preset', settings: [] },
    {
      name: 'lazy costs',
      what: 'D and G learn from examples on which they do not yet do well by .1',
      settings: ['loss.lazy={"discriminator":0.1,"generator":0.1}'],
    },
    {
      name: 'thresholded cost',
      what: 'G learns from samples with D(G(z)) < 1/2',
      settings: ['loss.lazy={"generator":0}'],
    },
    {
      name: 'top-k',
      what: `G learns from the best of its samples, all of them falling to half over ${steps} steps`,
      settings: [topK(steps)],
    },
    { name: 'R1 every 4 steps', what: 'the penalty in one step of 4, 4 times as large', settings: [] },
    {
      name: 'adaptive k',
      what: `D learns where D(x) - D(G(z)) is at most ${margin}`,
      settings: [`adaptiveK.margin=${margin}`],
    },
    {
      name: 'adaptive k, up to 2',
      what: 'the same, two updates a step where D needs them',
      settings: ['k=2', `adaptiveK.margin=${margin}`],
    },
    { name: 'k = 2', what: 'two updates of D in every step', settings: ['k=2'] },
    { name: 'uniform z', what: 'U(-sqrt 3, sqrt 3)', settings: ['latent=uniform'] },
    { name: 'spherical z', what: 'on the unit sphere', settings: ['latent=spherical'] },
  ];
}

const lazyR1 = (variants: readonly Variant[], gamma: number): readonly Variant[] =>
  variants.map((variant) =>
    variant.name === 'R1 every 4 steps'
      ? { ...variant, settings: [`penalties=[{"r1":{"gamma":${gamma},"every":4}}]`] }
      : variant,
  );

const pixels = '"relu",{"dense":512},"relu",{"dense":"data","bias":"marginals"},"sigmoid"';
const points = '{"dense":64},"relu",{"dense":64},"relu",{"dense":64},"relu",{"dense":"data"}';

/** Every variant of a set, the preset first. */
export const variants: Readonly<Record<EfficiencySet, readonly Variant[]>> = {
  ring8: [
    ...lazyR1(common(0.05, 8000), 0.1),
    { name: 'z of 16', what: 'z of 16 dimensions instead of 2', settings: ['latentDim=16'] },
    {
      name: 'learned p(z)',
      what: 'a mixture of 8 Gaussians of two dimensions, means and deviations learned',
      settings: ['latentDim=10', `generator.layers=[{"mixture":8},${points}]`],
    },
  ],
  digits: [
    ...lazyR1(common(0.3, 4000), 2),
    { name: 'z of 16', what: 'z of 16 dimensions instead of 64', settings: ['latentDim=16'] },
    {
      name: 'learned p(z)',
      what: 'a mixture of 10 Gaussians of 64 dimensions, means and deviations learned',
      settings: ['latentDim=74', `generator.layers=[{"mixture":10},{"dense":512},${pixels}]`],
    },
  ],
};
