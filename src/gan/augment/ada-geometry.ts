import {
  add,
  cast,
  div,
  exp,
  floor,
  less,
  max,
  mul,
  sqrt,
  sub,
  where,
} from '../../graph/functions/elementwise.ts';
import { matmul } from '../../graph/functions/linear-algebra.ts';
import { concat, expand, gather, reshape, unsqueeze } from '../../graph/functions/shaping.ts';
import { constant, full, type Value } from '../../graph/value.ts';
import { type AugmentRandom, imageSizes } from './augmentation.ts';
import { sampleBilinear } from './bilinear-sampling.ts';

/** Pixel blitting and geometric transformations, in the order in which the paper applies them. */
export const adaGeometry = ['xflip', 'rotate90', 'xint', 'scale', 'rotate', 'aniso', 'xfrac'] as const;

/** One of them. */
export type AdaGeometry = (typeof adaGeometry)[number];

/** How likely each transformation is, as a share of the pipeline's p, in [0, 1]. Absent: it is left out. */
export type Shares<Name extends string> = { readonly [K in Name]?: number };

/** The paper's strengths: shares of the size, and standard deviations of log2 of a factor. */
const LARGEST_WHOLE_SHIFT = 1 / 8;
const SHIFT_DEVIATION = 1 / 8;
const SCALE_DEVIATION = 0.2 * Math.LN2;

/** From a pixel of the result to where it is read: `linear p + offset`, from the centre of the image. */
interface Placement {
  /** float32 [N, 2, 2] */
  readonly linear: Value;
  /** float32 [N, 2, 1]: columns, rows. */
  readonly offset: Value;
}

/** What a transformation draws with, for `count` images of the given size. */
interface Draws {
  readonly random: AugmentRandom;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** float32 []: the probability of this transformation. */
  readonly probability: Value;
  /** `drawn` with that probability for each image, else `neutral`; both float32 [N, size]. */
  pick(name: string, drawn: Value, neutral: readonly number[], probability?: Value): Value;
}

/**
 * The geometric part of ADA: for each image, each transformation with its probability, composed into one affine map by which
 * the image is read once.
 *
 * - `xflip`: mirrored left to right, in half of the cases; `rotate90`: turned by 0, 90, 180 or 270 degrees
 * - `xint`: moved by whole pixels, uniform up to 1/8 of the size
 * - `scale`: by 2^N(0, 0.2^2); `rotate`: by a uniform angle, before or after `aniso`: stretched in one direction by
 *   2^N(0, 0.2^2) and shrunk as much in the other
 * - `xfrac`: moved by N(0, (size / 8)^2)
 *
 * @param x - float [N, C, H, W]
 * @param probability - float32 []: p
 */
export function transformGeometry(
  x: Value,
  shares: Shares<AdaGeometry>,
  random: AugmentRandom,
  probability: Value,
): Value {
  const [count, , height, width] = imageSizes('transformGeometry', x);
  const chosen = transformations.filter(({ of }) => shares[of] !== undefined);
  if (chosen.length === 0) return x;
  const drawsOf = (of: AdaGeometry): Draws => {
    const own = mul(probability, shares[of]!);
    return {
      random,
      count,
      width,
      height,
      probability: own,
      pick: (name, drawn, neutral, p = own) => {
        const applied = less(random.uniform(`${name}/applied`, [count, 1], 0, 1), p);
        return where(applied, drawn, row(neutral));
      },
    };
  };
  const identity: Placement = {
    linear: expand(row([1, 0, 0, 1], [1, 2, 2]), [count, 2, 2]),
    offset: full([count, 2, 1], 0),
  };
  const { linear, offset } = chosen.reduce(
    (placement, { of, step }) => step(placement, drawsOf(of)),
    identity,
  );
  const centre = [(width - 1) / 2, (height - 1) / 2] as const;
  const grid = new Float32Array(2 * height * width);
  for (let r = 0, pixel = 0; r < height; r++) {
    for (let c = 0; c < width; c++, pixel++) {
      grid[pixel] = c - centre[0];
      grid[height * width + pixel] = r - centre[1];
    }
  }
  const pixels = constant({ dtype: 'float32', shape: [2, height * width], data: grid });
  return sampleBilinear(x, add(matmul(linear, pixels), add(offset, row(centre, [1, 2, 1]))));
}

/** A transformation of the pipeline, or a part of one. */
interface Transformation {
  readonly of: AdaGeometry;
  readonly step: (placement: Placement, draws: Draws) => Placement;
}

// Each multiplies the inverse of what it does on the right: a pixel of the result goes through the last one first.
const transformations: readonly Transformation[] = [
  {
    of: 'xflip',
    step: (placement, { random, count, pick }) => {
      const side = sub(mul(floor(random.uniform('xflip/side', [count, 1], 0, 2)), 2), 1);
      return scaled(placement, concat([pick('xflip', side, [1]), full([count, 1], 1)], 1));
    },
  },
  {
    of: 'rotate90',
    step: (placement, { random, count, pick }) => {
      const turns = row([1, 0, 0, 1, -1, 0, 0, -1], [4, 2]);
      const index = cast(floor(random.uniform('rotate90/turns', [count], 0, 4)), 'int64');
      return rotated(placement, pick('rotate90', gather(turns, index), [1, 0]));
    },
  },
  {
    of: 'xint',
    step: (placement, { random, count, width, height, pick }) => {
      const share = random.uniform('xint/share', [count, 2], -LARGEST_WHOLE_SHIFT, LARGEST_WHOLE_SHIFT);
      const whole = floor(add(mul(share, row([width, height])), 0.5));
      return moved(placement, pick('xint', whole, [0, 0]));
    },
  },
  {
    of: 'scale',
    step: (placement, { random, count, pick }) => {
      const factor = exp(random.normal('scale/log', [count, 1], SCALE_DEVIATION));
      return scaled(placement, div(1, pick('scale', factor, [1])));
    },
  },
  { of: 'rotate', step: (placement, draws) => turned(placement, draws, 'rotate/before') },
  {
    of: 'aniso',
    step: (placement, { random, count, pick }) => {
      const factor = pick('aniso', exp(random.normal('aniso/log', [count, 1], SCALE_DEVIATION)), [1]);
      return scaled(placement, concat([div(1, factor), factor], 1));
    },
  },
  { of: 'rotate', step: (placement, draws) => turned(placement, draws, 'rotate/after') },
  {
    of: 'xfrac',
    step: (placement, { random, count, width, height, pick }) => {
      const share = random.normal('xfrac/share', [count, 2], SHIFT_DEVIATION);
      return moved(placement, pick('xfrac', mul(share, row([width, height])), [0, 0]));
    },
  },
];

/** A rotation by a uniform angle, so likely that one of two happens with probability p: 1 - sqrt(1 - p). */
function turned(placement: Placement, { random, count, probability, pick }: Draws, name: string): Placement {
  const each = sub(1, sqrt(max(sub(1, probability), 0)));
  return rotated(placement, pick(name, random.circle(`${name}/direction`, count), [1, 0], each));
}

/** @param factors - float32 [N, 1] or [N, 2]: columns, rows */
function scaled({ linear, offset }: Placement, factors: Value): Placement {
  return { linear: mul(linear, unsqueeze(factors, [1])), offset };
}

/** @param direction - float32 [N, 2]: cosine and sine */
function rotated({ linear, offset }: Placement, direction: Value): Placement {
  const count = direction.shape[0]!;
  const matrices = matmul(direction, row([1, 0, 0, 1, 0, -1, 1, 0], [2, 4]));
  return { linear: matmul(linear, reshape(matrices, [count, 2, 2])), offset };
}

/** @param by - float32 [N, 2]: how far the image goes to the right and down */
function moved({ linear, offset }: Placement, by: Value): Placement {
  return { linear, offset: sub(offset, matmul(linear, unsqueeze(by, [2]))) };
}

/** A constant of the given shape, by default one row. */
function row(data: readonly number[], shape: readonly number[] = [1, data.length]): Value {
  return constant({ dtype: 'float32', shape, data: Float32Array.from(data) });
}
