import * as z from 'zod';
import { losses } from '../gan/losses.ts';
import { penalties } from '../gan/penalties.ts';
import type { PenaltySetting } from '../gan/penalty.ts';
import { closed, count } from './schema-terms.ts';

/** What both networks minimise. */
export interface LossConfig {
  /** Of one of `losses`. */
  readonly name: string;
  readonly labelSmoothing: number;
  readonly halved: boolean;
}

/** One penalty: its name, and its settings beside how often it is computed. */
export type PenaltyConfig = Readonly<Record<string, Readonly<Record<string, number>>>>;

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
  },
  { r1Gamma: 'The R1 penalty is an entry of penalties by now: penalties=[{"r1":{"gamma":2}}]' },
).describe('The objectives of both networks.');

/** The keys that say which penalty an entry is. */
export const penaltyNames: readonly string[] = penalties.map(({ kind }) => kind.definition.name);

const every = z.exactOptional(
  count().describe(
    'Computed in every so many steps only, and multiplied by their number; 16 for R1 in StyleGAN2. Absent: every step.',
  ),
);

function settingSchema({ meaning, default: usual, minimum = 0 }: PenaltySetting): z.ZodDefault<z.ZodNumber> {
  return z.number().min(minimum).default(usual).describe(`${meaning} Default ${usual}.`);
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
