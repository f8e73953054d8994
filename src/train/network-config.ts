import * as z from 'zod';
import { type InitialiserConfig, initialiserSchema, type LayerConfig, layerSchema } from './layer-config.ts';
import { closed, count, fraction, maxStep, step } from './schema-terms.ts';

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
  layers: z.array(layerSchema).min(1).describe('The layers from input to output.'),
  init: initialiserSchema,
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
