import { ShapeError } from '../../errors.ts';
import type { Attributes, OpType } from '../operators.ts';
import type { DType } from '../tensor.ts';
import { applyOperator, asValue, asValues, type Operand, type Value } from '../value.ts';

type Unary = { [K in OpType]: Attributes[K] extends Readonly<Record<never, never>> ? K : never }[OpType];

function binary(op: Unary, caller: string, a: Operand, b: Operand): Value {
  return applyOperator(op, asValues(caller, a, b), {})[0]!;
}

function unary(op: Unary, x: Value): Value {
  return applyOperator(op, [x], {})[0]!;
}

/** `a + b`, broadcast. @throws ShapeError where the shapes do not broadcast or the dtypes differ */
export function add(a: Operand, b: Operand): Value {
  return binary('Add', 'add', a, b);
}

/** `a - b`, broadcast. @throws ShapeError where the shapes do not broadcast or the dtypes differ */
export function sub(a: Operand, b: Operand): Value {
  return binary('Sub', 'sub', a, b);
}

/** `a b` elementwise, broadcast. @throws ShapeError where the shapes do not broadcast or the dtypes differ */
export function mul(a: Operand, b: Operand): Value {
  return binary('Mul', 'mul', a, b);
}

/** `a / b`, broadcast. @throws ShapeError where the shapes do not broadcast or the dtypes differ */
export function div(a: Operand, b: Operand): Value {
  return binary('Div', 'div', a, b);
}

/** `base ^ exponent`, broadcast; its gradient by the exponent counts where base > 0 and is 0 elsewhere. */
export function pow(base: Operand, exponent: Operand): Value {
  return binary('Pow', 'pow', base, exponent);
}

/** The larger of the two, broadcast; where they are equal each gets half of the gradient. */
export function max(a: Operand, b: Operand): Value {
  return binary('Max', 'max', a, b);
}

/** The smaller of the two, broadcast; where they are equal each gets half of the gradient. */
export function min(a: Operand, b: Operand): Value {
  return binary('Min', 'min', a, b);
}

/** bool: `a = b`, broadcast. Not differentiable. */
export function equal(a: Operand, b: Operand): Value {
  return binary('Equal', 'equal', a, b);
}

/** bool: `a > b`, broadcast. Not differentiable. */
export function greater(a: Operand, b: Operand): Value {
  return binary('Greater', 'greater', a, b);
}

/** bool: `a >= b`, broadcast. Not differentiable. */
export function greaterOrEqual(a: Operand, b: Operand): Value {
  return binary('GreaterOrEqual', 'greaterOrEqual', a, b);
}

/** bool: `a < b`, broadcast. Not differentiable. */
export function less(a: Operand, b: Operand): Value {
  return binary('Less', 'less', a, b);
}

/** bool: `a <= b`, broadcast. Not differentiable. */
export function lessOrEqual(a: Operand, b: Operand): Value {
  return binary('LessOrEqual', 'lessOrEqual', a, b);
}

/** bool: both hold. @param a - bool @param b - bool */
export function and(a: Value, b: Value): Value {
  return binary('And', 'and', requireBool('and', a), requireBool('and', b));
}

/** bool: the opposite. @param a - bool */
export function not(a: Value): Value {
  return unary('Not', requireBool('not', a));
}

function requireBool(caller: string, a: Value): Value {
  if (a.dtype !== 'bool')
    throw new ShapeError(`${caller}: operands must be bool, got ${a.dtype}. Use a comparison`);
  return a;
}

/** `a` where the condition holds, else `b`; all three broadcast. @param condition - bool */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const [left, right] = asValues('where', a, b);
  return applyOperator('Where', [condition, left, right], {})[0]!;
}

/** `|x|`; its gradient at 0 is 0. */
export function abs(x: Value): Value {
  return unary('Abs', x);
}

/** `-x`. */
export function neg(x: Value): Value {
  return unary('Neg', x);
}

/** `e^x`. */
export function exp(x: Value): Value {
  return unary('Exp', x);
}

/** Natural logarithm; NaN below 0 and -Infinity at 0, as IEEE says. */
export function log(x: Value): Value {
  return unary('Log', x);
}

/** `sqrt(x)`; its gradient at 0 is infinite: add an epsilon first where 0 can occur. */
export function sqrt(x: Value): Value {
  return unary('Sqrt', x);
}

/** `x^2`, as one product. */
export function square(x: Value): Value {
  return mul(x, x);
}

/** Largest integer that is not above x. Its gradient is 0 (it is piecewise constant). */
export function floor(x: Value): Value {
  return unary('Floor', x);
}

/** -1, 0 or 1. Its gradient is 0 (it is piecewise constant). */
export function sign(x: Value): Value {
  return unary('Sign', x);
}

/** `max(x, 0)`; its gradient at 0 is 0, as in PyTorch. */
export function relu(x: Value): Value {
  return unary('Relu', x);
}

/** `x` where x >= 0, else `alpha x`. Default alpha 0.2, DCGAN's (Radford et al. 2015); its gradient at 0 is alpha. */
export function leakyRelu(x: Value, alpha = 0.2): Value {
  return applyOperator('LeakyRelu', [x], { alpha })[0]!;
}

/** `1 / (1 + e^-x)`. */
export function sigmoid(x: Value): Value {
  return unary('Sigmoid', x);
}

/** `tanh(x)`. */
export function tanh(x: Value): Value {
  return unary('Tanh', x);
}

/**
 * `log(1 + e^x)`, computed without overflow. Its gradient is `sigmoid(x)`.
 *
 * @param x - float32; ONNX Runtime has no float64 kernel for it, so float64 is built from primitives: `log(1 + e^x)`
 *   up to 36 and `x` above, where they agree to the last bit
 */
export function softplus(x: Value): Value {
  if (x.dtype !== 'float64') return unary('Softplus', x);
  // Smooth at 0, unlike max(x, 0) + log(1 + e^-|x|), whose kinks cancel in the value but not in the gradient.
  return where(greater(x, 36), x, log(add(exp(clip(x, Number.NEGATIVE_INFINITY, 36)), 1)));
}

/**
 * `x` limited to [min, max]; its gradient is 1 inside and on the bounds, 0 outside, as in PyTorch.
 *
 * @throws ShapeError where min > max
 */
export function clip(x: Value, min: number, max: number): Value {
  if (!(min <= max)) throw new ShapeError(`clip: min must not exceed max, got ${min} and ${max}`);
  return applyOperator('Clip', [x], { min, max })[0]!;
}

/** The same numbers in another dtype; float to integer truncates, bool is 0 or 1. Gradients pass between floats only. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : applyOperator('Cast', [x], { to })[0]!;
}

/** The same value under a node of its own: what a graph output needs when it is also an input. */
export function identity(x: Value): Value {
  return unary('Identity', x);
}

/** bool of x's shape: which elements are finite. NaN is not, nor are infinities. */
export function finite(x: Value): Value {
  return less(abs(x), asValue(Number.POSITIVE_INFINITY, x));
}

/**
 * The same value, treated as a constant by `grad`: what one player's update takes from the other player's, so that the
 * game is not differentiated through its own moves (which would be unrolling, Metz et al. 2016).
 */
export function stopGradient(x: Value): Value {
  return unary('StopGradient', x);
}
