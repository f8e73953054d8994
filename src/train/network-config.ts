import * as z from 'zod';
import { closed, count, fraction, maxStep, step } from './schema-terms.ts';

/**
 * How a weight matrix starts: `U(-r, r)`, `N(0, sd^2)`, so many weights of each unit `N(0, 1)` and the others 0, Glorot's
 * uniform or He's normal distribution.
 */
export type InitialiserConfig =
  | { readonly uniform: number }
  | { readonly normal: number }
  | { readonly sparse: number }
  | 'glorot'
  | 'he';

/** One layer, written as `"relu"` or as an object whose first key names the layer. */
export type LayerConfig =
  | 'relu'
  | 'sigmoid'
  | 'tanh'
  | { readonly leakyRelu: number }
  | { readonly dropout: { readonly include: number } }
  | {
      readonly dense: number | 'data';
      readonly init?: InitialiserConfig;
      readonly bias?: 'zeros' | 'marginals' | number;
    }
  | {
      readonly maxout: { readonly units: number; readonly pieces: number };
      readonly init?: InitialiserConfig;
    };

/** A straight line or half a cosine from one value to another over its own horizon, in steps or in epochs. */
export interface RampConfig {
  readonly from: number;
  readonly to: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly startAt?: number;
}

/** A value that may change while training goes on. Its horizon is its own and never follows `steps`. */
export type ScheduleConfig =
  | number
  | { readonly constant: number }
  | { readonly linear: RampConfig }
  | { readonly cosine: RampConfig }
  | { readonly exponential: { readonly from: number; readonly divisor: number; readonly floor: number } };

/** The rule that turns a gradient into an update. */
export type OptimiserConfig =
  | { readonly name: 'sgd'; readonly learningRate: ScheduleConfig; readonly momentum: ScheduleConfig }
  | {
      readonly name: 'adam';
      readonly learningRate: ScheduleConfig;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  | {
      readonly name: 'rmsprop';
      readonly learningRate: ScheduleConfig;
      readonly decay: number;
      readonly epsilon: number;
    };

/** A network and how it is trained. */
export interface NetworkConfig {
  readonly layers: readonly LayerConfig[];
  readonly init: InitialiserConfig;
  readonly optimiser: OptimiserConfig;
  readonly maxNorm?: number;
}

const init = z
  .union(
    [
      z.enum(['glorot', 'he']),
      closed({ uniform: z.number().positive().describe('r of U(-r, r).') }),
      closed({ normal: z.number().positive().describe('Standard deviation.') }),
      closed({ sparse: count().describe('Weights of each unit that are not 0.') }),
    ],
    {
      error: 'must be "glorot", "he", {"uniform": r}, {"normal": sd} or {"sparse": count}',
    },
  )
  .describe(
    'Initial weights: {"uniform": r} draws U(-r, r) ("irange" of the released code), {"normal": sd} draws N(0, sd^2), {"sparse": n} gives each unit n weights from N(0, 1) at random places ("sparse_init"), "glorot" is U(-a, a) with a = sqrt(6 / (in + out)), "he" is N(0, 2 / in). Biases start at zero, unless a dense layer says otherwise.',
  );

const layer = z
  .union(
    [
      z.enum(['relu', 'sigmoid', 'tanh']),
      closed({ leakyRelu: fraction().describe('Slope for negative inputs; .2 in DCGAN.') }),
      closed({
        dropout: closed({
          include: z.number().gt(0).max(1).describe('Probability of keeping a unit.'),
        }).describe('Zeroes units at random in training and multiplies the kept ones by 1 / include.'),
      }),
      closed({
        dense: z
          .union([count(), z.literal('data')], { error: 'must be a whole number of at least 1 or "data"' })
          .describe('Units; "data" = as many as an example has values (last layer of a generator).'),
        init: z.exactOptional(init),
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
        init: z.exactOptional(init),
      }),
    ],
    {
      error:
        'must be "relu", "sigmoid", "tanh", {"leakyRelu": slope}, {"dropout": {"include": p}}, {"dense": units} or {"maxout": {"units", "pieces"}}',
    },
  )
  .describe('A layer of a multilayer perceptron.');

function schedule(value: z.ZodNumber): z.ZodType<ScheduleConfig> {
  const ramp = closed({
    from: value.describe('The first value.'),
    to: value.describe('The value at the end of the horizon and after it.'),
    steps: z.exactOptional(step().describe('Horizon in steps. Either steps or epochs.')),
    epochs: z.exactOptional(
      count().describe(
        'Horizon in epochs; the value then changes between epochs only. Either steps or epochs.',
      ),
    ),
    startAt: z.exactOptional(
      z
        .int()
        .min(0)
        .max(maxStep)
        .describe('The value stays at "from" until here, in the unit of the horizon. Default 0.'),
    ),
  }).refine((it) => (it.steps === undefined) !== (it.epochs === undefined), {
    error: 'must hold a horizon, either steps or epochs',
  });
  const exponential = closed({
    from: value.describe('The first value.'),
    divisor: z
      .number()
      .gt(1)
      .describe('d of from / d^updates, counted for each network; 1.000004 in the released code.'),
    floor: value.describe('The value never falls below it; 1e-6 in the released code.'),
  });
  return z
    .union(
      [
        value,
        closed({ constant: value.describe('The same value at every step.') }),
        closed({ linear: ramp.describe('A straight line from one value to another.') }),
        closed({ cosine: ramp.describe('Half a cosine from one value to another.') }),
        closed({ exponential: exponential.describe('Division by the same number at every update.') }),
      ],
      {
        error:
          'must be a number, {"constant": x}, {"linear": {"from", "to", "steps"}}, {"cosine": {"from", "to", "steps"}} or {"exponential": {"from", "divisor", "floor"}}',
      },
    )
    .describe('A number or a schedule. A schedule has its own horizon: `steps` of the run does not move it.');
}

const learningRate = schedule(z.number().min(0));
const epsilon = z.number().positive().default(1e-8);

const optimiser = z
  .discriminatedUnion('name', [
    closed({
      name: z.literal('sgd'),
      learningRate,
      momentum: schedule(fraction())
        .default(0)
        .describe(
          'mu in v <- mu v - learningRate g, p <- p + v (Pylearn2). A number or a schedule. Default 0.',
        ),
    }),
    closed({
      name: z.literal('adam'),
      learningRate,
      beta1: fraction().default(0.9).describe('Default .9 (Kingma and Ba 2015); GANs often take .5 (DCGAN).'),
      beta2: fraction().default(0.999).describe('Default .999 (Kingma and Ba 2015).'),
      epsilon: epsilon.describe('Default 1e-8 (Kingma and Ba 2015).'),
    }),
    closed({
      name: z.literal('rmsprop'),
      learningRate,
      decay: fraction()
        .default(0.99)
        .describe("Weight of the old mean square. Default .99 (PyTorch's alpha)."),
      epsilon: epsilon.describe("Default 1e-8 (PyTorch's)."),
    }),
  ])
  .describe('The rule that turns a gradient into an update: "sgd", "adam" (bias-corrected) or "rmsprop".');

/** The schema of a network and of how it is trained. */
export const networkSchema: z.ZodType<NetworkConfig> = closed({
  layers: z.array(layer).min(1).describe('The layers from input to output.'),
  init,
  optimiser,
  maxNorm: z.exactOptional(
    z
      .number()
      .positive()
      .describe(
        'Largest norm of a column (the incoming weights of a unit), enforced after every update. Absent: none.',
      ),
  ),
});
