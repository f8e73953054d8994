import * as z from 'zod';
import { type InitialiserConfig, initialiserSchema, type LayerConfig, layerSchema } from './layer-config.ts';
import { type ScheduleConfig, scheduleSchema } from './schedule-config.ts';
import { closed, fraction } from './schema-terms.ts';

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
  readonly weightClip?: number;
}

const learningRate = scheduleSchema(z.number().min(0));
const epsilon = z.number().positive().default(1e-8);

const optimiser = z
  .discriminatedUnion('name', [
    closed({
      name: z.literal('sgd'),
      learningRate,
      momentum: scheduleSchema(fraction())
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
  weightClip: z.exactOptional(
    z
      .number()
      .positive()
      .describe(
        'Largest absolute value of a parameter, enforced after every update; .01 for the critic of WGAN. Absent: none.',
      ),
  ),
});
