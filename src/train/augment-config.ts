import * as z from 'zod';
import { type AdaTransform, adaTransforms, standardTransforms } from '../gan/augment/ada.ts';
import { type DiffAugmentPolicy, diffAugmentPolicies } from '../gan/augment/diff-augment.ts';
import { closed } from './schema-terms.ts';

/** Adaptive discriminator augmentation. */
interface AdaConfig {
  readonly target: number;
  readonly speed: number;
  readonly max: number;
  /** Names, or the probability of each as a share of p. */
  readonly transforms: readonly AdaTransform[] | { readonly [K in AdaTransform]?: number };
}

/** What real and generated images go through before D: policies of DiffAugment (a string has commas between), or ADA. */
export type AugmentConfig =
  | string
  | { readonly diffAugment: readonly DiffAugmentPolicy[] }
  | { readonly ada: AdaConfig };

const listed = diffAugmentPolicies.join(', ');

const isOnceEach = (list: readonly string[]): boolean => new Set(list).size === list.length;

/** The names in a string with commas between. */
export function policiesIn(text: string): readonly DiffAugmentPolicy[] {
  return text.split(',').map((name) => name.trim()) as DiffAugmentPolicy[];
}

/** Every name at most once, at least one. */
function names<Name extends string>(choices: readonly Name[]) {
  return z.array(z.enum(choices)).min(1).refine(isOnceEach, { error: 'must name each at most once' });
}

const shares = closed(
  Object.fromEntries(
    adaTransforms.map((name) => [
      name,
      z.exactOptional(
        z.number().min(0).max(1).describe(`Probability of ${name} as a share of p. Absent: left out.`),
      ),
    ]),
  ),
).refine((chosen) => Object.keys(chosen).length > 0, { error: 'must name at least one' });

/** The schema of `augment`. */
export const augmentSchema: z.ZodType<AugmentConfig> = z.union(
  [
    z.string().refine(
      (text) => {
        const chosen = policiesIn(text);
        return chosen.every((name) => diffAugmentPolicies.includes(name)) && isOnceEach(chosen);
      },
      { error: `must be some of ${listed} with commas between, each at most once` },
    ),
    closed({
      diffAugment: names(diffAugmentPolicies).describe('Policies, applied in this order to every image.'),
    }),
    closed({
      ada: closed({
        target: z
          .number()
          .min(-1)
          .max(1)
          .default(0.6)
          .describe(
            'The value of E sign D(x) that the probability p of each transformation holds. Default .6, the paper\'s. -1: p rises to "max" and stays, as losses need that only compare real with generated examples.',
          ),
        speed: z
          .number()
          .positive()
          .default(500_000)
          .describe("Real images in which p could go from 0 to 1. Default 500,000, the paper's."),
        max: z
          .number()
          .gt(0)
          .max(1)
          .default(1)
          .describe('Largest p. Default 1; from .8 on samples begin to look augmented.'),
        transforms: z
          .union([names(adaTransforms), shares])
          .default([...standardTransforms])
          .describe(
            `Names of ${adaTransforms.join(', ')}; or an object with a share of p for each, {"xflip": 1, "hue": 0.5}. Default: all but cutout, the paper's.`,
          ),
      }).describe('Adaptive discriminator augmentation.'),
    }),
  ],
  {
    error: `must be policies of DiffAugment, "color,translation,cutout" or {"diffAugment": [...]}, or {"ada": {"target", "speed", "max", "transforms"}}`,
  },
);
