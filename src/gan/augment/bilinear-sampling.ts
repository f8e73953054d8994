import { abs, add, cast, clip, floor, mul, sub } from '../../graph/functions/elementwise.ts';
import { gather, reshape, slice } from '../../graph/functions/shaping.ts';
import { constant, type Value } from '../../graph/value.ts';
import { imageSizes } from './augmentation.ts';

/**
 * Images read at any positions: bilinear between pixels, mirrored beyond the edges (about the centre of the first and the
 * last pixel, which are not repeated). Differentiable by x, twice; positions are constants to it.
 *
 * @param x - float [N, C, H, W]
 * @param positions - float32 [N, 2, H W]: for each pixel of the result the column and the row in x to read, from 0
 * @returns x's dtype and shape
 */
export function sampleBilinear(x: Value, positions: Value): Value {
  const [n, channels, height, width] = imageSizes('sampleBilinear', x);
  const size = height * width;
  const column = neighbours(reshape(slice(positions, 1, 0, 1), [n, 1, size]), width);
  const row = neighbours(reshape(slice(positions, 1, 1, 2), [n, 1, size]), height);
  // Each plane of each image begins where the one before ends. In int64: float32 counts to 2^24 only.
  const planes = constant({
    dtype: 'int64',
    shape: [n, channels, 1],
    data: BigInt64Array.from({ length: n * channels }, (_, plane) => BigInt(plane * size)),
  });
  const pixels = reshape(x, [n * channels * size]);
  const corners = row.flatMap((r) =>
    column.map((c) => {
      const inPlane = cast(add(mul(r.index, width), c.index), 'int64');
      return mul(gather(pixels, add(inPlane, planes)), cast(mul(r.weight, c.weight), x.dtype));
    }),
  );
  return reshape(corners.reduce(add), x.shape);
}

/** The pixels on both sides of a position along one axis, with the share of each. */
function neighbours(position: Value, size: number): readonly { index: Value; weight: Value }[] {
  if (size === 1) return [{ index: mul(position, 0), weight: add(mul(position, 0), 1) }];
  const last = size - 1;
  const period = 2 * last;
  const wrapped = sub(position, mul(floor(mul(position, 1 / period)), period));
  const mirrored = sub(last, abs(sub(wrapped, last)));
  // At the last pixel the pair is the last but one and the last itself, so that no index lies outside.
  const before = clip(floor(mirrored), 0, last - 1);
  const share = sub(mirrored, before);
  return [
    { index: before, weight: sub(1, share) },
    { index: add(before, 1), weight: share },
  ];
}
