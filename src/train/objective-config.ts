import * as z from 'zod';
import { losses } from '../gan/losses.ts';
import { penalties } from '../gan/penalties.ts';
import type { PenaltySetting } from '../gan/penalty.ts';
import { type ScheduleConfig, scheduleSchema } from './schedule-config.ts';
import { closed, count } from './schema-terms.ts';

/** What both networks minimise. */
export interface LossConfig {
  /** Of one of `losses`. */
  readonly name: string;
  readonly labelSmoothing: number;
  readonly halved: boolean;
  readonly topK?: ScheduleConfig;
  readonly lazy?: { readonly discriminator?: number; readonly generator?: number };
  readonly gradientTarget?: number;
  readonly consensus?: number;
  readonly auxiliary?: { readonly discriminator: number; readonly generator: number };
}

/** One penalty: its name, and its settings beside how often it is computed. */
export type PenaltyConfig = Readonly<Record<string, Readonly<Record<string, ScheduleConfig>>>>;

const margin = z.exactOptional(z.number().min(0).lt(0.5));

/** The schema of a loss, made from the list of losses. */
export const lossSchema: z.ZodType<LossConfig> = closed(
  {
    name: z
      .enum(losses.map(({ loss }) => loss.name))
      .describe('What both networks minimise; "nonSaturating" is the usual one.'),
    labelSmoothing: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe(
        'Target of the discriminator for real examples (one-sided label smoothing), for "nonSaturating" and "minimax". Default 1: none; .9 is usual.',
      ),
    halved: z
      .boolean()
      .default(false)
      .describe(
        "true: the discriminator's objective is the mean of its two terms, as in the released code. Default false: their sum, as in the paper.",
      ),
    topK: z.exactOptional(
      scheduleSchema(z.number().gt(0).max(1)).describe(
        'Share of the batch, from the sample that the discriminator takes most for real, that the generator learns from (Sinha et al. 2020 go from 1 to .5). Absent: all.',
      ),
    ),
    lazy: z.exactOptional(
      closed({
        discriminator: margin.describe(
          'The discriminator learns from real examples with D(x) < 1/2 + margin and samples with D(G(z)) > 1/2 - margin. Absent: from all.',
        ),
        generator: margin.describe(
          'The generator learns from samples with D(G(z)) < 1/2 + margin; 0 is the thresholded cost of the released code. Absent: from all.',
        ),
      }).describe('Lazy costs of the released code, for "nonSaturating" and "minimax".'),
    ),
    gradientTarget: z.exactOptional(
      z
        .number()
        .positive()
        .describe(
          "The generator's gradient is scaled up until the gradient at its samples has this norm (scale_grads of the released code, there .1). Absent: never.",
        ),
    ),
    consensus: z.exactOptional(
      z
        .number()
        .positive()
        .describe(
          'Weight of consensus optimisation: both networks add weight / 2 times the squared norm of all gradients together (Mescheder et al. 2017). Takes updateOrder "simultaneous". Absent: none.',
        ),
    ),
    auxiliary: z.exactOptional(
      closed({
        discriminator: z.number().min(0).describe('1 in ACGAN.'),
        generator: z.number().min(0).describe('1 in ACGAN, .1 in the code of WGAN-GP.'),
      }).describe(
        'Weights of the cross-entropy of the classes, where the discriminator ends in "auxiliaryClassifier". Absent: 1 and 1, those of ACGAN (Odena et al. 2017).',
      ),
    ),
  },
  { r1Gamma: 'The R1 penalty is an entry of penalties by now: penalties=[{"r1":{"gamma":2}}]' },
).describe('The objectives of both networks.');

/** The keys that say which penalty an entry is. */
const penaltyNames: readonly string[] = penalties.map(({ kind }) => kind.definition.name);

const every = z.exactOptional(
  count().describe(
    'Computed in every so many steps only, and multiplied by their number; 16 for R1 in StyleGAN2. Absent: every step.',
  ),
);

function settingSchema({ meaning, default: usual, minimum = 0 }: PenaltySetting) {
  return scheduleSchema(z.number().min(minimum)).default(usual).describe(`${meaning} Default ${usual}.`);
}

const penaltySchemas = penalties.map(({ kind: { definition }, summary }) =>
  closed({
    [definition.name]: closed({
      ...Object.fromEntries(
        Object.entries(definition.settings).map(([key, setting]) => [key, settingSchema(setting)]),
      ),
      every,
    }).describe(summary),
  }),
);

/** The schema of the list of penalties, made from the list of their kinds. */
export const penaltiesSchema: z.ZodType<readonly PenaltyConfig[]> = z
  .array(
    z.union(penaltySchemas, {
      error: `must be one of ${penaltyNames.join(', ')} with its settings: {"r1": {"gamma": 2}}`,
    }) as unknown as z.ZodType<PenaltyConfig>,
  )
  .default([])
  .describe('What the discriminator minimises beside its loss. Default: nothing.');
