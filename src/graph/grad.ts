import { ShapeError } from '../errors.ts';
import { add } from './functions/elementwise.ts';
import type { OpType } from './operators.ts';
import { formatShape, sameShape } from './shapes.ts';
import { full, label, type Node, topologicalOrder, type Value, zerosLike } from './value.ts';
import { type Vjp, vjps } from './vjps.ts';

/**
 * Gradient of a scalar by reverse-mode differentiation: `[dy/dx for x in xs]`, each of its x's type.
 *
 * The result is made of the same public functions as any graph, so `grad` applies to it again (R1 and gradient
 * penalties). An x that y does not depend on gets zeros.
 *
 * @param y - float [], or any float shape with `dy`
 * @param xs - values that y was computed from: inputs, or anything in between
 * @param dy - the cotangent to start from, of y's type; 1 by default
 * @throws ShapeError if y is not a scalar and no `dy` is given, if y is not a float, or if a `Loop` lies in between
 * @see Griewank and Walther, Evaluating Derivatives, 2008, chapter 3
 */
export function grad(y: Value, xs: readonly Value[], dy?: Value): readonly Value[] {
  if (!y.dtype.startsWith('float')) throw new ShapeError(`grad: y must be a float, got ${y.dtype}. Use cast`);
  if (!dy && y.shape.length > 0) {
    throw new ShapeError(
      `grad: y must be a scalar, got ${formatShape(y.shape)}. Use mean or sum, or pass dy`,
    );
  }
  if (dy && (dy.dtype !== y.dtype || !sameShape(dy.shape, y.shape))) {
    throw new ShapeError(
      `grad: dy must have y's type ${y.dtype} ${formatShape(y.shape)}, got ${dy.dtype} ${formatShape(dy.shape)}`,
    );
  }

  const order = topologicalOrder([y, ...xs]);
  const forward = new Set(order);
  const relevant = dependents(order, xs);

  const cotangents = new Map<Value, Value>([[y, dy ?? full(y.shape, 1, y.dtype)]]);
  const wanted = new Set(xs);
  for (const node of order.toReversed()) {
    if (!relevant.has(node) || !node.outputs.some((output) => cotangents.has(output))) continue;
    const dxs = differentiate(node, cotangents);
    const scope = node.scope ? `${node.scope}/gradient` : 'gradient';
    const dys = node.outputs.flatMap((output) => cotangents.get(output) ?? []);
    for (const [i, dx] of dxs.entries()) {
      const x = node.inputs[i];
      if (!x || !dx || !(relevant.has(x.node) || wanted.has(x))) continue;
      const soFar = cotangents.get(x);
      const total = soFar ? add(soFar, dx) : dx;
      label(scope, [total], soFar ? [...dys, soFar] : dys, forward);
      cotangents.set(x, total);
    }
  }
  return xs.map((x) => cotangents.get(x) ?? zerosLike(x));
}

/** Nodes whose outputs depend on one of `xs`: the only ones that a cotangent has to pass. */
function dependents(order: readonly Node[], xs: readonly Value[]): ReadonlySet<Node> {
  const wanted = new Set(xs);
  const found = new Set<Node>();
  for (const node of order) {
    if (node.inputs.some((value) => wanted.has(value) || found.has(value.node))) found.add(node);
  }
  return found;
}

function differentiate(node: Node, cotangents: ReadonlyMap<Value, Value>): readonly (Value | undefined)[] {
  const vjp = vjps[node.op] as Vjp<OpType> | null;
  if (!vjp) return [];
  const dys = node.outputs.map((output) => cotangents.get(output) ?? zerosLike(output));
  return vjp({ inputs: node.inputs, attributes: node.attributes, y: node.outputs[0]!, dy: dys[0]!, dys });
}
