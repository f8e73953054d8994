import type { Tensors } from '../src/graph/tensor.ts';
import { relu, sigmoid } from '../src/nn/activations.ts';
import { dense } from '../src/nn/dense.ts';
import { dropout } from '../src/nn/dropout.ts';
import { maxout } from '../src/nn/maxout.ts';
import { type Network, sequential } from '../src/nn/sequential.ts';
import { float32s, type ReferenceArray } from './tensors.ts';

const [units, pieces] = [4, 3];

/** The paper's MNIST generator in small, as scripts/reference/networks.py has it: 5-7-6-8. */
export const smallGenerator = (): Network =>
  sequential(
    'generator',
    [5],
    [dense({ units: 7 }), relu(), dense({ units: 6 }), relu(), dense({ units: 8 }), sigmoid()],
  );

/** The paper's MNIST discriminator in small: 8 - maxout 4 x 3 - maxout 4 x 3 - 1, with dropout before every layer. */
export const smallDiscriminator = (): Network =>
  sequential(
    'discriminator',
    [8],
    [
      dropout({ include: 0.8 }),
      maxout({ units, pieces }),
      dropout({ include: 0.5 }),
      maxout({ units, pieces }),
      dropout({ include: 0.5 }),
      dense({ units: 1 }),
    ],
  );

/** Parameters or gradients of these networks as the reference files hold them, in our order of columns. */
export function smallVariables(arrays: Readonly<Record<string, ReferenceArray>>): Tensors {
  return float32s(
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, piecesOutermost(name, array)])),
  );
}

/** Their maxout columns have the units outermost, ours the pieces. */
function piecesOutermost(name: string, { shape, data }: ReferenceArray): ReferenceArray {
  if (!name.includes('maxout')) return { shape, data };
  const width = units * pieces;
  const reordered = data.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return data[row * width + (column % units) * pieces + Math.floor(column / units)]!;
  });
  return { shape, data: reordered };
}
