import { ConfigError } from '../errors.ts';
import { max, sqrt, square } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import type { Operand, Value } from '../graph/value.ts';
import { requireRange, type Schedule } from '../optim/optimiser.ts';
import type { AugmentRandom } from './augment/augmentation.ts';
import type { ExampleFormat } from './example-format.ts';

/** What a penalty is computed from: one update of D. */
export interface PenaltyInputs {
  /** float32 [N, ...]: real examples in the networks' range, before any augmentation or noise on D's side. */
  readonly real: Value;
  /** float32 [N, ...]: samples, likewise. */
  readonly fake: Value;
  /** float32 [N, 1]: what D said of them in the passes that its loss is of. */
  readonly realLogits: Value;
  readonly fakeLogits: Value;
  /**
   * D in a pass of its own, with the labels of the real examples and with masks, augmentations and noise of its own.
   *
   * @param x - float32 [N, ...], as `real`
   * @returns logits, float32 [N, 1]
   */
  discriminate(x: Value): Value;
  /** What the examples are, and in which range the networks see them. */
  readonly examples: ExampleFormat;
  /** Random inputs for this penalty alone. */
  readonly random: AugmentRandom;
}

/** A term of D's objective beside its loss. */
export interface Penalty {
  /** As configs, metrics and messages call it; a game holds at most one of a name. */
  readonly name: string;
  /** What it was made with, in full. */
  readonly settings: Readonly<Record<string, Schedule>>;
  /**
   * Computed in every so many steps only, and then multiplied by their number, so that it weighs the same on average.
   * Default 1. StyleGAN2 takes 16 for R1.
   */
  readonly every: number;
  /**
   * True where it differentiates D by `real` or `fake`: they then go through D in passes of their own, which spares the
   * other one the work of the second derivative.
   */
  readonly differentiatesLogits: boolean;
  /**
   * The penalty, float32 [].
   *
   * @param settings - those of this step: numbers, or float32 [] where they change
   */
  value(inputs: PenaltyInputs, settings: Readonly<Record<string, Operand>>): Value;
}

/** A number that a penalty is made with. */
export interface PenaltySetting {
  /** In one sentence, with the origin of the default. */
  readonly meaning: string;
  readonly default: number;
  /** Smallest value. Default 0. */
  readonly minimum?: number;
}

/** How a kind of penalty is defined: one file each, listed in `penalties.ts`. */
export interface PenaltyDefinition<Setting extends string> {
  readonly name: string;
  readonly settings: Readonly<Record<Setting, PenaltySetting>>;
  /** See `Penalty`. Default false. */
  readonly differentiatesLogits?: boolean;
  value(inputs: PenaltyInputs, settings: Readonly<Record<Setting, Operand>>): Value;
}

/** Makes penalties of one kind: `r1({ gamma: 10, every: 16 })`. */
export interface PenaltyKind<Setting extends string = string> {
  (settings?: { readonly [K in Setting]?: Schedule } & { readonly every?: number }): Penalty;
  readonly definition: PenaltyDefinition<Setting>;
}

/**
 * A kind of penalty from its definition.
 *
 * @returns a function that makes one; it throws ConfigError for a setting below its minimum and for an `every` that is
 *   not a count
 */
export function definePenalty<Setting extends string>(
  definition: PenaltyDefinition<Setting>,
): PenaltyKind<Setting> {
  const { name, settings: known, differentiatesLogits = false, value } = definition;
  const make: PenaltyKind<Setting> = Object.assign(
    ({ every = 1, ...given }: { readonly every?: number } = {}): Penalty => {
      const settings = Object.fromEntries(
        Object.entries<PenaltySetting>(known).map(([key, { default: usual, minimum = 0 }]) => {
          const chosen = (given as Readonly<Record<string, Schedule | undefined>>)[key] ?? usual;
          requireRange(name, key, chosen, {
            text: `finite and at least ${minimum}`,
            holds: (number) => number >= minimum && Number.isFinite(number),
          });
          return [key, chosen];
        }),
      );
      if (!Number.isInteger(every) || every < 1)
        throw new ConfigError(`${name}: every must be a count of at least 1, got ${every}`);
      return { name, settings, every, differentiatesLogits, value };
    },
    { definition },
  );
  return make;
}

/**
 * The squared norm of each example's own gradient, `||d logits_n / d x_n||^2`, over all axes but the first.
 *
 * @param logits - float32 [N, 1]; each row may depend on its own example only
 * @param x - float32 [N, ...], what they were computed from
 * @returns float32 [N]
 */
export function squaredGradientNorms(logits: Value, x: Value): Value {
  // Rows are independent, so the gradient of the sum holds every example's own gradient.
  const [gradient] = grad(sum(logits), [x]);
  return sum(square(gradient!), { axes: x.shape.slice(1).map((_, axis) => axis + 1) });
}

/** The norm of each example's own gradient, float32 [N]; where it is 0 it has no slope here, instead of an infinite one. */
export function gradientNorms(logits: Value, x: Value): Value {
  const squares = squaredGradientNorms(logits, x);
  return sqrt(max(squares, 1e-24));
}
