import * as z from 'zod';
import { closed, count, fraction } from './schema-terms.ts';

/**
 * How a weight starts: `U(-r, r)`, `N(0, sd^2)`, so many weights of each unit `N(0, 1)` and the others 0, Glorot's uniform
 * or He's normal distribution.
 */
export type InitialiserConfig =
  | { readonly uniform: number }
  | { readonly normal: number }
  | { readonly sparse: number }
  | 'glorot'
  | 'he';

/** Zeros around an image: one number, or [top, left, bottom, right]. */
type PaddingConfig = number | readonly [number, number, number, number];

/** A kernel that moves over images. */
export interface KernelConfig {
  readonly channels: number | 'data';
  readonly size: number;
  readonly stride?: number;
  readonly padding?: PaddingConfig;
  readonly dilation?: number;
  readonly groups?: number;
  readonly biases?: 'tied' | 'untied' | 'none';
}

/** The norms that a residual block can hold. */
export type BlockNorm =
  | 'batchNorm'
  | 'conditionalBatchNorm'
  | 'layerNorm'
  | 'instanceNorm'
  | 'pixelNorm'
  | { readonly groupNorm: number };

/** A layer with weights: what spectral norm and equalised learning rates are put around. */
export type WeightedLayerConfig =
  | 'projection'
  | 'auxiliaryClassifier'
  | {
      readonly dense: number | 'data';
      readonly init?: InitialiserConfig;
      readonly bias?: 'zeros' | 'marginals' | number;
    }
  | {
      readonly maxout: { readonly units: number; readonly pieces: number };
      readonly init?: InitialiserConfig;
    }
  | { readonly conv: KernelConfig; readonly init?: InitialiserConfig }
  | {
      readonly convTranspose: KernelConfig & { readonly outputPadding?: number };
      readonly init?: InitialiserConfig;
    }
  | {
      readonly convMaxout: {
        readonly channels: number;
        readonly pieces: number;
        readonly size: number;
        readonly padding?: PaddingConfig;
        readonly pool?: { readonly size: number; readonly stride?: number };
      };
      readonly init?: InitialiserConfig;
    }
  | {
      readonly residual: {
        readonly channels: number;
        readonly hidden?: number;
        readonly resample?: 'up' | 'down';
        readonly norm?: BlockNorm;
        readonly activation?: 'relu' | { readonly leakyRelu: number };
        readonly first?: boolean;
      };
      readonly init?: InitialiserConfig;
    }
  | {
      readonly bottleneck: {
        readonly expansion?: number;
        readonly groups?: number;
        readonly blocks?: number;
      };
      readonly init?: InitialiserConfig;
    };

/** One layer, written as `"relu"` or as an object whose first key names the layer. */
export type LayerConfig =
  | WeightedLayerConfig
  | 'relu'
  | 'sigmoid'
  | 'tanh'
  | 'flatten'
  | 'batchNorm'
  | 'conditionalBatchNorm'
  | 'layerNorm'
  | 'instanceNorm'
  | 'pixelNorm'
  | 'concatLabels'
  | { readonly leakyRelu: number }
  | { readonly dropout: { readonly include: number } }
  | { readonly gumbelSoftmax: number }
  | { readonly mixture: number; readonly deviation?: number }
  | { readonly reshape: readonly number[] }
  | {
      readonly project: { readonly channels: number; readonly factor: number };
      readonly init?: InitialiserConfig;
    }
  | 'crop'
  | {
      readonly batchNorm: {
        readonly momentum?: number;
        readonly epsilon?: number;
        readonly gainDeviation?: number;
      };
    }
  | { readonly instanceNorm: { readonly affine: boolean } }
  | { readonly groupNorm: number }
  | { readonly minibatchDeviation: number }
  | {
      readonly averagePool: {
        readonly size: number;
        readonly stride?: number;
        readonly padding?: PaddingConfig;
      };
    }
  | {
      readonly maxPool: {
        readonly size: number;
        readonly stride?: number;
        readonly padding?: PaddingConfig;
        readonly ceil?: boolean;
      };
    }
  | { readonly globalPool: 'mean' | 'sum' }
  | { readonly upsample: number; readonly interpolation?: 'nearest' | 'bilinear' }
  | { readonly concatLabels: number }
  | { readonly spectralNorm: WeightedLayerConfig }
  | { readonly equalised: WeightedLayerConfig; readonly gain?: number };

/** The schema of initial weights. */
export const initialiserSchema: z.ZodType<InitialiserConfig> = z
  .union(
    [
      z.enum(['glorot', 'he']),
      closed({ uniform: z.number().positive().describe('r of U(-r, r).') }),
      closed({ normal: z.number().positive().describe('Standard deviation.') }),
      closed({
        sparse: count().describe('Weights of each unit that are not 0; for dense layers and maxout.'),
      }),
    ],
    {
      error: 'must be "glorot", "he", {"uniform": r}, {"normal": sd} or {"sparse": count}',
    },
  )
  .describe(
    'Initial weights: {"uniform": r} draws U(-r, r) ("irange" of the released code), {"normal": sd} draws N(0, sd^2), {"sparse": n} gives each unit n weights from N(0, 1) at random places ("sparse_init"), "glorot" is U(-a, a) with a = sqrt(6 / (in + out)), "he" is N(0, 2 / in); "in" and "out" count what a unit adds up and what an input goes into, kernels and strides included. Biases start at zero, unless a dense layer says otherwise.',
  );

const init = z.exactOptional(initialiserSchema);

const optionalCount = (text: string) => z.exactOptional(count().describe(text));

const padding = z.exactOptional(
  z
    .union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)])], {
      error: 'must be a whole number of at least 0 or [top, left, bottom, right]',
    })
    .describe('Zeros around the image: one number, or [top, left, bottom, right]. Default 0.'),
);

const kernel = {
  channels: z
    .union([count(), z.literal('data')], { error: 'must be a whole number of at least 1 or "data"' })
    .describe('Channels of the output; "data" = as many as an image has (last layer of a generator).'),
  size: count().describe('Side of the kernel.'),
  stride: optionalCount('Distance between windows. Default 1.'),
  padding,
  dilation: optionalCount('Distance between elements of the kernel. Default 1.'),
  groups: optionalCount('Groups of channels that do not see each other. Default 1.'),
  biases: z.exactOptional(
    z
      .enum(['tied', 'untied', 'none'])
      .describe('"tied": one bias a channel; "untied": one for each channel and place. Default "tied".'),
  ),
};

const blockNorm = z
  .union(
    [
      z.enum(['batchNorm', 'conditionalBatchNorm', 'layerNorm', 'instanceNorm', 'pixelNorm']),
      closed({ groupNorm: count().describe('Groups of channels.') }),
    ],
    {
      error:
        'must be "batchNorm", "conditionalBatchNorm", "layerNorm", "instanceNorm", "pixelNorm" or {"groupNorm": groups}',
    },
  )
  .describe('What stands before each activation. Absent: nothing.');

/** Forms of a layer that has weights, and the texts in which an error lists them. */
const weighted = [
  closed({
    dense: z
      .union([count(), z.literal('data')], { error: 'must be a whole number of at least 1 or "data"' })
      .describe('Units; "data" = as many as an example has values (last layer of a generator).'),
    init,
    bias: z.exactOptional(
      z
        .union([z.enum(['zeros', 'marginals']), z.number()], {
          error: 'must be "zeros", "marginals" or a number',
        })
        .describe(
          'Initial bias of every unit. "marginals": the logit of each pixel\'s mean over the training set, before a sigmoid. Default "zeros".',
        ),
    ),
  }),
  closed({
    maxout: closed({
      units: count().describe('Outputs of the layer; 240 in the released code.'),
      pieces: count().describe('Linear functions for each unit; 5 in the released code.'),
    }).describe('Units that take the largest of several linear functions (Goodfellow et al. 2013).'),
    init,
  }),
  closed({ conv: closed(kernel).describe('Convolution.'), init }),
  closed({
    convTranspose: closed({
      ...kernel,
      outputPadding: z.exactOptional(
        z.int().min(0).describe('Rows and columns added below and to the right. Default 0.'),
      ),
    }).describe('Transposed ("fractionally strided") convolution.'),
    init,
  }),
  closed({
    convMaxout: closed({
      channels: count().describe('Channels of the output.'),
      pieces: count().describe('Convolutions for each channel; 2 in the released code.'),
      size: kernel.size,
      padding,
      pool: z.exactOptional(
        closed({
          size: count().describe('Side of a window of which the largest value stays.'),
          stride: optionalCount('Distance between windows. Default: their size.'),
        }).describe('Max pooling behind it, rounded up. Absent: none.'),
      ),
    }).describe(
      'Channels that take the largest of several convolutions, as in the released CIFAR-10 recipe.',
    ),
    init,
  }),
  closed({
    residual: closed({
      channels: count().describe('Channels of the output.'),
      hidden: optionalCount('Channels between its two convolutions. Default: those of the output.'),
      resample: z.exactOptional(
        z
          .enum(['up', 'down'])
          .describe('"up": twice as large, nearest; "down": half as large, means. Absent: as it is.'),
      ),
      norm: z.exactOptional(blockNorm),
      activation: z.exactOptional(
        z
          .union(
            [z.literal('relu'), closed({ leakyRelu: fraction().describe('Slope for negative inputs.') })],
            {
              error: 'must be "relu" or {"leakyRelu": slope}',
            },
          )
          .describe('Default "relu".'),
      ),
      first: z.exactOptional(
        z
          .boolean()
          .describe(
            'true: the block takes pixels, nothing stands before its first convolution. Default false.',
          ),
      ),
    }).describe('Residual block of two 3 x 3 convolutions with pre-activation (WGAN-GP, SN-GAN).'),
    init,
  }),
  closed({
    bottleneck: closed({
      expansion: optionalCount('Channels inside, as a multiple of those outside. Default 2.'),
      groups: optionalCount('Groups of its 3 x 3 convolution. Default 1.'),
      blocks: optionalCount(
        'Residual blocks of the network: the convolutions start smaller by its fourth root. Default 1.',
      ),
    }).describe('Residual block with a grouped bottleneck and no norm; starts as the identity (R3GAN).'),
    init,
  }),
] as const;

const weightedHeads = z.enum(['projection', 'auxiliaryClassifier']);

const weightedForms = [...weighted, weightedHeads] as const;

const weightedLayer = z.union(weightedForms, {
  error: `must be a layer with weights, one of ${namesOf(weightedForms).join(', ')}`,
});

const forms = [
  z.enum(['relu', 'sigmoid', 'tanh']),
  closed({ leakyRelu: fraction().describe('Slope for negative inputs; .2 in DCGAN.') }),
  closed({
    dropout: closed({
      include: z.number().gt(0).max(1).describe('Probability of keeping a unit.'),
    }).describe('Zeroes units at random in training and multiplies the kept ones by 1 / include.'),
  }),
  ...weighted,
  z.literal('flatten').describe('Each example as a vector.'),
  closed({
    reshape: z
      .array(count())
      .min(1)
      .describe('Shape of an example with as many values, such as [256, 4, 4].'),
  }),
  closed({
    project: closed({
      channels: count().describe('Channels of the image that it makes.'),
      factor: count().describe("The data's sides divided by this, rounded up, are that image's."),
    }).describe(
      'A dense layer whose units are a small image: the beginning of a generator of images of any size.',
    ),
    init,
  }),
  z
    .literal('crop')
    .describe("The middle of an image, as large as the data's: behind layers that made it larger."),
  z
    .literal('batchNorm')
    .describe('Each channel by mean and variance of the batch; when sampling, by their running averages.'),
  closed({
    batchNorm: closed({
      momentum: z.exactOptional(
        z.number().gt(0).max(1).describe('Share of a batch in the running averages. Default .1.'),
      ),
      epsilon: z.exactOptional(z.number().positive().describe('Added to variances. Default 1e-5.')),
      gainDeviation: z.exactOptional(
        z
          .number()
          .positive()
          .describe('Gains start from N(1, this^2); .02 in DCGAN. Default: they start from 1.'),
      ),
    }).describe('The same with settings.'),
  }),
  z.literal('layerNorm').describe('Each example by its own mean and variance.'),
  z.literal('instanceNorm').describe('Each channel of each example by its own mean and variance.'),
  closed({
    instanceNorm: closed({
      affine: z.boolean().describe('Whether a gain and a bias a channel are learned. Default false.'),
    }).describe('The same with settings.'),
  }),
  closed({ groupNorm: count().describe('Groups of channels, each by its own mean and variance.') }),
  z.literal('pixelNorm').describe('Channels at each place brought to a mean square of 1 (Progressive GAN).'),
  closed({
    minibatchDeviation: count().describe(
      'Examples of a group: one more channel says how much they differ; 4 in Progressive GAN.',
    ),
  }),
  closed({
    averagePool: closed({
      size: count().describe('Side of a window.'),
      stride: optionalCount('Distance between windows. Default: their size.'),
      padding,
    }).describe('Means of windows.'),
  }),
  closed({
    maxPool: closed({
      size: count().describe('Side of a window.'),
      stride: optionalCount('Distance between windows. Default: their size.'),
      padding,
      ceil: z.exactOptional(
        z.boolean().describe('Whether a last window may reach beyond the image. Default false.'),
      ),
    }).describe('Largest values of windows.'),
  }),
  closed({
    globalPool: z
      .enum(['mean', 'sum'])
      .describe('One number a channel, the mean or the sum over all places.'),
  }),
  closed({
    upsample: count().describe('How many times as large images become.'),
    interpolation: z.exactOptional(
      z.enum(['nearest', 'bilinear']).describe('Default "nearest": pixels are repeated.'),
    ),
  }),
  closed({
    spectralNorm: weightedLayer.describe(
      'The layer with each weight divided by its largest singular value (SN-GAN).',
    ),
  }),
  closed({
    equalised: weightedLayer.describe(
      'The layer with weights from N(0, 1), multiplied by gain / sqrt(in) in every pass (Progressive GAN).',
    ),
    gain: z.exactOptional(z.number().positive().describe('Default sqrt 2, for rectifiers.')),
  }),
  z.literal('concatLabels').describe('Appends the class, one-hot, to a vector or as channels.'),
  closed({
    concatLabels: count().describe('Appends a learned vector of this length for each class.'),
  }),
  z
    .literal('conditionalBatchNorm')
    .describe('Batch norm whose gain and bias belong to the class of the example.'),
  z
    .literal('projection')
    .describe('Last layer of a discriminator: one logit, dense(x) + <e_class, x> (Miyato and Koyama 2018).'),
  z
    .literal('auxiliaryClassifier')
    .describe("Last layer of a discriminator: one logit, then the classes' logits (Odena et al. 2017)."),
  closed({
    gumbelSoftmax: z
      .number()
      .positive()
      .describe(
        "Last layer of a table's generator: nearly one-hot draws of each column's categories at this temperature; .2 in CTGAN.",
      ),
  }),
  closed({
    mixture: count()
      .min(2)
      .describe(
        'First layer of a generator: p(z) as a mixture of so many Gaussians with learned means and deviations (DeLiGAN). Takes as many coordinates of z to choose among them.',
      ),
    deviation: z.exactOptional(
      z.number().positive().describe('What the standard deviations start from. Default .2.'),
    ),
  }),
] as const;

/** The schema of one layer. */
export const layerSchema: z.ZodType<LayerConfig> = z
  .union(forms, {
    error: `must be the name of a layer or an object that begins with one, "relu" or {"dense": 64}: one of ${[...new Set(namesOf(forms))].join(', ')}`,
  })
  .describe('A layer of a network.');

/** The names that a layer which is written as an object can begin with. */
export const layerKeys: readonly string[] = namesOf(forms.filter((form) => form instanceof z.ZodObject));

/** What each form is told from the others by: the word itself, or the first key. */
function namesOf(options: readonly z.ZodType[]): readonly string[] {
  return options.flatMap((form) => {
    if (form instanceof z.ZodObject) return Object.keys(form.shape)[0]!;
    if (form instanceof z.ZodEnum) return form.options.map(String);
    return form instanceof z.ZodLiteral ? [...form.values].map(String) : [];
  });
}
