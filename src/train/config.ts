import * as z from 'zod';
import type { ImageReading } from '../data/image-reading.ts';
import type { TableReading } from '../data/table/infer-columns.ts';
import type { PixelRange } from '../gan/example-format.ts';
import { losses } from '../gan/losses.ts';
import { type AugmentConfig, augmentSchema } from './augment-config.ts';
import { imagesSchema } from './images-config.ts';
import { type Contradiction, classifies, conditionalLayer, layerContradiction } from './layer-rules.ts';
import { type NetworkConfig, networkSchema } from './network-config.ts';
import { type LossConfig, lossSchema, type PenaltyConfig, penaltiesSchema } from './objective-config.ts';
import { type ScheduleConfig, scheduleSchema } from './schedule-config.ts';
import { closed, count, fraction, maxStep, step } from './schema-terms.ts';
import { tableSchema } from './table-config.ts';

/** How the average of the generator's weights forgets: by a share a step, or half of it in so many images. */
export type AverageConfig =
  | { readonly decay: number }
  | { readonly halfLife: number; readonly rampUp: number };

/**
 * Everything that decides a training run, resolved. Each key is explained, with the origin of its default, by
 * `describe` in the schema below; the JSON Schema for editors carries the same text.
 */
export interface Config {
  readonly preset: string;
  readonly data: string;
  readonly images?: ImageReading;
  readonly table?: TableReading;
  readonly seed: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly k: number;
  readonly adaptiveK?: { readonly margin: number };
  readonly updateOrder: 'alternating' | 'simultaneous';
  readonly latentDim: number;
  readonly latent: 'uniform' | 'gaussian' | 'spherical';
  readonly range: PixelRange | 'data';
  readonly pretrained?: string;
  readonly generator: NetworkConfig;
  readonly discriminator: NetworkConfig;
  readonly loss: LossConfig;
  readonly penalties: readonly PenaltyConfig[];
  readonly augment?: AugmentConfig;
  readonly instanceNoise?: ScheduleConfig;
  readonly pack?: number;
  readonly labels?: 'uniform' | 'data';
  readonly ema?: AverageConfig;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  readonly logEvery: number;
  readonly gradientNormsEvery: number;
  readonly device: 'auto' | 'cpu' | 'wasm' | 'webgpu' | 'cuda';
  readonly threads?: number;
  readonly dataDir?: string;
}

const every = (what: string): z.ZodInt => step().describe(`${what} every so many steps.`);

const structure = closed({
  preset: z
    .string()
    .regex(/^\w[\w.-]*$/, { error: 'must be a name of letters, digits, dots and dashes' })
    .describe('The preset that this config started from; the run folder is named after it.'),
  data: z
    .string()
    .min(1)
    .describe('A named data set, or the path of a folder of images or of a .npy, IDX or CSV file.'),
  images: z.exactOptional(
    imagesSchema.describe('How a folder of images is read. Absent where the data is no folder.'),
  ),
  table: z.exactOptional(
    tableSchema.describe('How the columns of a CSV file are read. Absent: by what they hold.'),
  ),
  seed: z
    .int()
    .min(0)
    .max(maxStep)
    .describe('Seed of every random number of the run: weights, data order, noise, masks.'),
  steps: z.exactOptional(
    step().describe('Where to stop, in steps. Nothing else depends on it. Either steps or epochs.'),
  ),
  epochs: z.exactOptional(
    count().describe(
      'Where to stop, in epochs of floor(training examples / (k batch)) steps. Either steps or epochs.',
    ),
  ),
  batch: count().describe('Examples of a minibatch, real and generated alike; 100 in the paper.'),
  k: count().describe(
    'Discriminator updates for each generator update; 1 in the paper ("the least expensive option").',
  ),
  adaptiveK: z.exactOptional(
    closed({
      margin: z
        .number()
        .min(0)
        .lt(1)
        .describe('The discriminator makes an update where D(x) - D(G(z)) is at most this.'),
    }).describe(
      'The discriminator leaves updates out while it wins anyway, by what it said last; k is then the most it makes in a step. For "nonSaturating" and "minimax". Absent: it makes all.',
    ),
  ),
  updateOrder: z
    .enum(['alternating', 'simultaneous'])
    .describe(
      '"alternating": Algorithm 1, fresh noise for the generator. "simultaneous": the released code, where both gradients come from the same parameters, fakes and masks; it takes k = 1.',
    ),
  latentDim: count().describe('Length of the latent z; 100 in the released code.'),
  latent: z
    .enum(['uniform', 'gaussian', 'spherical'])
    .describe(
      'Distribution of z: "uniform" = U(-sqrt 3, sqrt 3), of variance 1; "gaussian" = N(0, I); "spherical" = unit norm.',
    ),
  range: z
    .union(
      [
        z.enum(['unit', 'symmetric', 'data']),
        closed({
          contrast: z.number().positive().describe('Norm of an image; 55 in the released CIFAR-10 recipes.'),
        }),
        closed({
          mean: z
            .number()
            .min(0)
            .max(1)
            .describe("The data's mean pixel, as zerosum data preview prints it."),
          deviation: z.number().positive().describe("Its pixels' standard deviation, printed there too."),
        }),
      ],
      { error: 'must be "unit", "symmetric", "data", {"contrast": norm} or {"mean": m, "deviation": s}' },
    )
    .describe(
      'What the networks see of pixels: "unit" [0, 1], "symmetric" [-1, 1]; {"contrast": c} each image brought to mean 0 and norm c; {"mean": m, "deviation": s} (pixel - m) / s. "data" leaves points as they are.',
    ),
  pretrained: z.exactOptional(
    z
      .string()
      .min(1)
      .describe(
        "A run (its folder, or its name under runs/) whose generator, as a whole, is what this one's last layers start from; new layers before it make its z. Absent: all weights start at random.",
      ),
  ),
  generator: networkSchema.describe('z -> example.'),
  discriminator: networkSchema.describe(
    'Example -> one logit; positive means real. No sigmoid at the end: the losses take logits.',
  ),
  loss: lossSchema,
  penalties: penaltiesSchema,
  augment: z.exactOptional(
    augmentSchema.describe(
      'Random changes of images, real and generated alike, before the discriminator sees them: policies of DiffAugment, or ADA. Absent: none.',
    ),
  ),
  instanceNoise: z.exactOptional(
    scheduleSchema(z.number().min(0)).describe(
      "Standard deviation of gaussian noise on real examples and samples alike, in both updates, in the networks' range (Sønderby et al. 2017; noise_both of the released code). Absent: none.",
    ),
  ),
  pack: z.exactOptional(
    count().describe(
      'Examples that the discriminator decides on together, one after the other along its first axis: PacGAN (Lin et al. 2018 take 2). Divides the batch. Absent: 1.',
    ),
  ),
  labels: z.exactOptional(
    z
      .enum(['uniform', 'data'])
      .describe(
        'Layers see the class of each example. Samples are made of classes drawn uniformly ("uniform"), or of those of the minibatch beside them ("data"). Absent: no labels.',
      ),
  ),
  ema: z.exactOptional(
    z
      .union(
        [
          closed({
            decay: fraction().describe('Share of the old average kept at each step; .999 is usual.'),
          }),
          closed({
            halfLife: z
              .number()
              .positive()
              .describe('Real images after which half of the average is new; 500,000 in R3GAN.'),
            rampUp: z
              .number()
              .min(0)
              .default(0.05)
              .describe(
                'The half-life is at most this share of the images seen. Default .05 (StyleGAN2). 0: full length at once.',
              ),
          }),
        ],
        { error: 'must be {"decay": share} or {"halfLife": images, "rampUp": share}' },
      )
      .describe(
        "Exponential moving average of the generator's weights, from which samples are drawn. Absent: none.",
      ),
  ),
  checkpointEvery: every('Write a checkpoint'),
  sampleEvery: every('Draw a sheet of samples from the same z'),
  logEvery: every('Write a line to metrics.jsonl'),
  gradientNormsEvery: every('Add the norms of the parameter gradients to the metrics'),
  device: z
    .enum(['auto', 'cpu', 'wasm', 'webgpu', 'cuda'])
    .describe('What executes the graph; "auto" takes the native CPU, or WebAssembly where there is none.'),
  threads: z.exactOptional(count().describe('Threads inside one operator. Absent: the number of cores.')),
  dataDir: z.exactOptional(
    z
      .string()
      .min(1)
      .describe('Folder that already holds the data sets. Absent: ZEROSUM_DATA, then the cache.'),
  ),
});

/** What the keys that are about classes contradict each other in. */
function labelContradiction({
  labels,
  pack = 1,
  loss,
  generator,
  discriminator,
}: Config): Contradiction | undefined {
  if (labels !== undefined && pack > 1)
    return { path: ['pack'], message: 'must be 1 with labels: packed examples have no class in common' };
  if (loss.auxiliary && !classifies(discriminator.layers)) {
    const message = 'must be left out unless the discriminator ends in "auxiliaryClassifier"';
    return { path: ['loss', 'auxiliary'], message };
  }
  for (const [name, { layers }] of Object.entries({ generator, discriminator })) {
    const found = conditionalLayer(layers);
    if (found && labels === undefined)
      return {
        path: ['labels'],
        message: `must be "uniform" or "data": ${found.name} in ${name}.layers[${found.index}] sees classes`,
      };
  }
  return undefined;
}

/** What the keys contradict each other in, or undefined. */
function contradiction(config: Config): Contradiction | undefined {
  if ((config.steps === undefined) === (config.epochs === undefined))
    return { path: ['steps'], message: 'must be given, or epochs instead, but not both' };
  if (config.updateOrder === 'simultaneous' && config.k !== 1) {
    const message = 'must be 1 with updateOrder "simultaneous", where both networks learn from one batch';
    return { path: ['k'], message };
  }
  if (config.adaptiveK !== undefined && config.updateOrder === 'simultaneous') {
    const message = 'must be left out with updateOrder "simultaneous", where the players learn together';
    return { path: ['adaptiveK'], message };
  }
  if (config.augment !== undefined && config.range === 'data')
    return { path: ['augment'], message: 'must be left out for points: augmentations change images' };
  const names = config.penalties.flatMap((penalty) => Object.keys(penalty));
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0)
    return {
      path: ['penalties', twice],
      message: `must not be a second ${names[twice]}: each may be there once`,
    };
  const isCritic = losses.find(({ loss }) => loss.name === config.loss.name)?.loss.logOdds !== true;
  if (isCritic && config.loss.labelSmoothing !== 1) {
    const message = `must be 1 with loss ${config.loss.name}: only nonSaturating and minimax have probabilities as targets`;
    return { path: ['loss', 'labelSmoothing'], message };
  }
  if (config.adaptiveK !== undefined && isCritic)
    return {
      path: ['adaptiveK'],
      message: `must be left out with loss ${config.loss.name}: only nonSaturating and minimax give probabilities`,
    };
  if (config.loss.lazy && isCritic)
    return {
      path: ['loss', 'lazy'],
      message: `must be left out with loss ${config.loss.name}: only nonSaturating and minimax give probabilities`,
    };
  if (config.loss.consensus !== undefined && config.updateOrder !== 'simultaneous') {
    const message =
      'must be left out unless updateOrder is "simultaneous": it is of both gradients at one place';
    return { path: ['loss', 'consensus'], message };
  }
  if (config.pack !== undefined && config.batch % config.pack !== 0)
    return { path: ['pack'], message: `must divide the batch of ${config.batch}` };
  const found = labelContradiction(config);
  if (found) return found;
  const hasMarginals = config.generator.layers.some(
    (it) => typeof it === 'object' && 'bias' in it && it.bias === 'marginals',
  );
  if (hasMarginals && config.range !== 'unit' && config.range !== 'data') {
    const message = 'must be "unit" with bias "marginals", which are logits of pixels in [0, 1]';
    return { path: ['range'], message };
  }
  return layerContradiction(config.generator.layers, config.discriminator.layers);
}

/**
 * The schema of a resolved training config: closed (an unknown key is an error), every value explained.
 *
 * `z.toJSONSchema` of it would ask for every key; a config file leaves out what its preset says, so editors want
 * `configFileJsonSchema()`.
 */
export const configSchema: z.ZodType<Config> = structure.check((context) => {
  const found = contradiction(context.value);
  if (!found) return;
  context.issues.push({ code: 'custom', input: context.value, ...found });
});

/** The top-level keys of a config, in the order in which they are explained. */
export const configKeys: readonly (keyof Config)[] = Object.keys(structure.shape) as (keyof Config)[];
