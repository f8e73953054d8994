import { ShapeError } from '../../errors.ts';
import { formatShape } from '../shapes.ts';
import {
  applyOperator,
  input,
  isFrom,
  type Node,
  scalar,
  topologicalOrder,
  type Value,
  type Values,
} from '../value.ts';
import { cast } from './elementwise.ts';
import { gather, reshape } from './shaping.ts';

/** What one iteration of a loop leaves behind. */
export interface LoopIteration {
  /** The next state, under the names of the initial state, each of the same type. */
  readonly state: Readonly<Record<string, Value>>;
  /** Values that are collected, one row an iteration. */
  readonly scans?: Readonly<Record<string, Value>>;
  /** bool []: whether another iteration follows; always by default. */
  readonly continueWhile?: Value;
}

/** A loop's results. */
export interface LoopResult {
  readonly state: Readonly<Record<string, Value>>;
  /** [T, ...] each, T the number of iterations that ran. */
  readonly scans: Readonly<Record<string, Value>>;
}

/** The nodes of a loop's body: those between its inputs and outputs. All others are computed once, outside. */
export function bodyNodes(bodyInputs: readonly Value[], bodyOutputs: readonly Value[]): readonly Node[] {
  const inside = new Set<Node>(bodyInputs.map(({ node }) => node));
  const nodes: Node[] = [];
  for (const node of topologicalOrder(bodyOutputs)) {
    if (inside.has(node) || !node.inputs.some((value) => inside.has(value.node))) continue;
    inside.add(node);
    nodes.push(node);
  }
  return nodes;
}

/** A loop node from its parts; finds the outer values that the body uses, which become inputs of the node. */
export function makeLoop(
  tripCount: Value,
  initial: readonly Value[],
  bodyInputs: readonly Value[],
  bodyOutputs: readonly Value[],
): readonly Value[] {
  const body = new Set<Node>([...bodyInputs.map(({ node }) => node), ...bodyNodes(bodyInputs, bodyOutputs)]);
  const captured = new Set<Value>();
  for (const node of body) {
    for (const value of node.inputs) if (!body.has(value.node)) captured.add(value);
  }
  for (const value of bodyOutputs) if (!body.has(value.node)) captured.add(value);
  const attributes = { stateCount: initial.length, bodyInputs, bodyOutputs };
  return applyOperator('Loop', [tripCount, ...initial, ...captured], attributes);
}

/**
 * Repeats `body` `iterations` times inside one run, as an ONNX `Loop`: state is carried from one iteration to the next
 * without leaving the runtime. The body may use any value from outside; what does not depend on the iteration is
 * computed once. Not differentiable.
 *
 * @param iterations - int64 []
 * @param state - initial values by name
 * @param body - builds one iteration from its number (int64 [], from 0) and the state
 * @throws ShapeError where the body drops a state, adds one, or changes its type
 */
export function loop(
  iterations: Value,
  state: Readonly<Record<string, Value>>,
  body: (iteration: Value, state: Readonly<Record<string, Value>>) => LoopIteration,
): LoopResult {
  if (iterations.dtype !== 'int64' || iterations.shape.length > 0) {
    throw new ShapeError(
      `loop: iterations must be int64 [], got ${iterations.dtype} ${formatShape(iterations.shape)}`,
    );
  }
  const names = Object.keys(state);
  const number = input('iteration', 'int64', []);
  const condition = input('continue', 'bool', []);
  const before = Object.fromEntries(
    names.map((name) => [name, input(name, state[name]!.dtype, state[name]!.shape)]),
  );
  const after = body(number, before);
  for (const name of new Set([...names, ...Object.keys(after.state)])) {
    if (!after.state[name] || !state[name]) {
      throw new ShapeError(
        `loop: the body must return the states [${names.join(', ')}], got [${Object.keys(after.state).join(', ')}]`,
      );
    }
  }
  const scans = after.scans ?? {};
  const outputs = makeLoop(
    iterations,
    names.map((name) => state[name]!),
    [number, condition, ...names.map((name) => before[name]!)],
    [after.continueWhile ?? always(), ...names.map((name) => after.state[name]!), ...Object.values(scans)],
  );
  return {
    state: Object.fromEntries(names.map((name, i) => [name, outputs[i]!])),
    scans: Object.fromEntries(Object.keys(scans).map((name, i) => [name, outputs[names.length + i]!])),
  };
}

function always(): Value {
  return scalar(1, 'bool');
}

/**
 * The state after `change` where `condition` holds and as it was otherwise, without the work of changing it: an ONNX `Loop`
 * of one iteration or none. Either way the state is copied once. Not differentiable.
 *
 * What does not depend on the state is computed outside, whatever the condition says. `bring` makes a value of outside
 * depend on the iteration, by a copy: what is computed from the copy is computed only where the condition holds.
 *
 * @param condition - bool []
 * @param change - builds the next state, under the names of the state
 * @throws ShapeError where it drops a state, adds one, or changes its type
 */
export function changeWhere(
  condition: Value,
  state: Values,
  change: (state: Values, bring: (value: Value) => Value) => Values,
): Values {
  return loop(cast(condition, 'int64'), state, (iteration, current) => ({
    state: change(current, (value) => gather(reshape(value, [1, ...value.shape.map(Number)]), iteration)),
  })).state;
}

/** Whether a value is a loop's result. */
export function isLoop(value: Value): value is Value & { node: Node<'Loop'> } {
  return isFrom(value, 'Loop');
}
