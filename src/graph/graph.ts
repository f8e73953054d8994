/**
 * The engine's public face: typed values, free functions that build graphs of ONNX operators, gradients, ONNX files.
 * Users reach it as one namespace, `import { graph } from 'zerosum'`, since layers and operators share names.
 */

// Values: inputs, constants, and what names a part of a model.

export { constant, full, input, label, scalar, zerosLike } from './value.ts';

// Elementwise, broadcast as ONNX does.

export {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  equal,
  exp,
  finite,
  floor,
  greater,
  greaterOrEqual,
  identity,
  leakyRelu,
  less,
  lessOrEqual,
  log,
  max,
  min,
  mul,
  neg,
  not,
  pow,
  relu,
  sigmoid,
  sign,
  softplus,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from './functions/elementwise.ts';

// Products, convolutions, reductions over axes, shapes.

export { conv, convTranspose } from './functions/convolution.ts';
export { gemm, matmul } from './functions/linear-algebra.ts';
export { averagePool, maxPool } from './functions/pooling.ts';
export { maxOver, mean, sum } from './functions/reductions.ts';
export { resizeBilinear, resizeNearest } from './functions/resizing.ts';
export {
  concat,
  expand,
  gather,
  pad,
  reshape,
  scatterAdd,
  slice,
  split,
  squeeze,
  stack,
  transpose,
  unsqueeze,
} from './functions/shaping.ts';

// Many iterations in one run.

export { loop } from './functions/loop.ts';

// Reverse-mode differentiation, which applies to its own result.

export { grad } from './grad.ts';

// From a graph to an ONNX file, or to text.

export { encodeModel } from './onnx/encode.ts';
export { printGraph } from './print.ts';
export { simplify } from './simplify.ts';
