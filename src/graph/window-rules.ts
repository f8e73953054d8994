import { ShapeError } from '../errors.ts';
import { formatShape, type Shape, staticShape } from './shapes.ts';

/** Where the windows of a convolution lie, under ONNX's names; each pair is [height, width]. */
export interface WindowAttributes {
  readonly strides: readonly [number, number];
  /** Rows and columns of zeros: [top, left, bottom, right]. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly group: number;
}

/** The same for a transposed convolution, whose size is only known with what its windows leave over. */
export interface TransposedWindowAttributes extends WindowAttributes {
  /** Rows below and columns to the right that no window reaches, each smaller than its stride. */
  readonly outputPadding: readonly [number, number];
}

const axes = [0, 1] as const;

/** How far a kernel reaches over its input. */
const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

/** Images and weights of rank 4, with sizes that are known where they must be. */
function requireImages(
  caller: string,
  x: Shape,
  w: Shape,
): { sizes: readonly number[]; weight: readonly number[] } {
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError(
      `${caller}: x must be [N, C, H, W] and the weight of rank 4, got ${formatShape(x)} and ${formatShape(w)}`,
    );
  }
  return { sizes: staticShape(caller, x.slice(1)), weight: staticShape(caller, w) };
}

function requireBias(caller: string, channels: number, bias: Shape | undefined): void {
  if (bias && !(bias.length === 1 && bias[0] === channels))
    throw new ShapeError(`${caller}: the bias must be [${channels}], got ${formatShape(bias)}`);
}

function requireGroups(caller: string, group: number, channels: number, of: string): void {
  if (channels % group === 0) return;
  throw new ShapeError(`${caller}: groups must divide the ${channels} ${of} channels, got ${group}`);
}

/** [N, Cout, H', W'] with `H' = floor((H + pads - dilation (kh - 1) - 1) / stride) + 1`. */
export function convShape(
  x: Shape,
  w: Shape,
  bias: Shape | undefined,
  { strides, pads, dilations, group }: WindowAttributes,
): Shape {
  const { sizes, weight } = requireImages('conv', x, w);
  const [channels, ...extent] = sizes as [number, number, number];
  const [out, perGroup, ...kernel] = weight as [number, number, number, number];
  requireGroups('conv', group, channels, 'input');
  requireGroups('conv', group, out, 'output');
  if (channels / group !== perGroup) {
    throw new ShapeError(
      `conv: x has ${channels} channels${group > 1 ? ` in ${group} groups` : ''} but weight ${formatShape(w)} expects ${perGroup} (x ${formatShape(x)})`,
    );
  }
  requireBias('conv', out, bias);
  const spatial = axes.map((axis) => {
    const padded = extent[axis]! + pads[axis] + pads[axis + 2]!;
    const covered = reach(kernel[axis]!, dilations[axis]);
    if (covered > padded) {
      throw new ShapeError(
        `conv: the kernel must fit into the image, got ${covered} over ${padded} ${axis === 0 ? 'rows' : 'columns'} (x ${formatShape(x)}, weight ${formatShape(w)}). Use more padding`,
      );
    }
    return Math.floor((padded - covered) / strides[axis]) + 1;
  });
  return [x[0]!, out, ...spatial];
}

/** [N, Cout, H', W'] with `H' = stride (H - 1) + outputPadding + dilation (kh - 1) + 1 - pads`. */
export function convTransposeShape(
  x: Shape,
  w: Shape,
  bias: Shape | undefined,
  { strides, pads, dilations, group, outputPadding }: TransposedWindowAttributes,
): Shape {
  const { sizes, weight } = requireImages('convTranspose', x, w);
  const [channels, ...extent] = sizes as [number, number, number];
  const [inputs, perGroup, ...kernel] = weight as [number, number, number, number];
  if (channels !== inputs) {
    throw new ShapeError(
      `convTranspose: x has ${channels} channels but weight ${formatShape(w)} expects ${inputs} (x ${formatShape(x)})`,
    );
  }
  requireGroups('convTranspose', group, channels, 'input');
  requireBias('convTranspose', perGroup * group, bias);
  const spatial = axes.map((axis) => {
    if (outputPadding[axis] >= strides[axis]) {
      throw new ShapeError(
        `convTranspose: output padding must be smaller than the stride ${strides[axis]}, got ${outputPadding[axis]}`,
      );
    }
    const size =
      strides[axis] * (extent[axis]! - 1) +
      outputPadding[axis] +
      reach(kernel[axis]!, dilations[axis]) -
      pads[axis] -
      pads[axis + 2]!;
    if (size < 1) {
      throw new ShapeError(
        `convTranspose: an image must remain, got ${size} ${axis === 0 ? 'rows' : 'columns'} (x ${formatShape(x)}, weight ${formatShape(w)}). Use less padding`,
      );
    }
    return size;
  });
  return [x[0]!, perGroup * group, ...spatial];
}
