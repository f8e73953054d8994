import { ShapeError } from '../../errors.ts';
import { identity } from '../functions/elementwise.ts';
import { bodyNodes } from '../functions/loop.ts';
import { type OnnxAttribute, type Operator, type OpType, onnxDType, operators } from '../operators.ts';
import type { TensorType } from '../shapes.ts';
import { bytesOf, type Tensor } from '../tensor.ts';
import { isFrom, type Node, topologicalOrder, type Value } from '../value.ts';
import { Names } from './names.ts';
import {
  assemble,
  bytesField,
  type Field,
  floatField,
  integerField,
  messageField,
  stringField,
} from './protobuf.ts';

/** The operator set that the table of operators spells out, and the file format that goes with it. */
const OPSET = 17;
const IR_VERSION = 8;

/** What is to become an ONNX file. */
export interface ModelDescription {
  /** The graph's name, shown by viewers. */
  readonly name: string;
  /** Results by name. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Order of the graph's inputs; by default the order in which the outputs reach them. */
  readonly inputs?: readonly Value[];
  /** Inputs that are declared though no result may read them, behind the others. Default: none. */
  readonly alsoInputs?: readonly Value[];
  /** Key-value pairs that travel with the file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An ONNX file and what each of its nodes was built from. */
export interface Model {
  readonly bytes: Uint8Array;
  readonly inputs: readonly (TensorType & { readonly name: string })[];
  /** From the name that ONNX Runtime's errors carry to the node that has it. */
  readonly nodes: ReadonlyMap<string, Node>;
}

/**
 * Encodes a graph as an ONNX file: opset 17, IR version 8, constants as raw little-endian data, every node named.
 *
 * @throws ShapeError where a value outside `inputs` would have to be fed, one of them is not a graph input, or two inputs
 *   or outputs share a name
 */
export function encodeModel({
  name,
  outputs,
  inputs,
  alsoInputs = [],
  metadata = {},
}: ModelDescription): Model {
  const order = topologicalOrder(Object.values(outputs));
  const needed = order.flatMap((node) => (node.op === 'Input' ? node.outputs : []));
  const first = inputs ?? needed;
  const names = new Set(first.map(inputName));
  const declared = [...first, ...alsoInputs.filter((value) => !names.has(inputName(value)))];
  for (const { node } of declared) {
    if (node.op === 'Input') continue;
    throw new ShapeError(`encodeModel: inputs must be graph inputs, got the result of ${node.op}`);
  }
  for (const value of needed) {
    if (declared.includes(value)) continue;
    const list = declared.map(inputName).join(', ');
    throw new ShapeError(
      `encodeModel: every input must be declared, got ${inputName(value)} besides ${list}`,
    );
  }
  const encoder = new Encoder();
  for (const value of declared) encoder.names.claim(value, inputName(value));
  const bytes = assemble([
    integerField(1, IR_VERSION),
    stringField(2, 'zerosum'),
    messageField(7, encoder.mainGraph(name, order, declared, Object.entries(outputs))),
    messageField(8, [stringField(1, ''), integerField(2, OPSET)]),
    ...Object.entries(metadata).map(([key, value]) =>
      messageField(14, [stringField(1, key), stringField(2, value)]),
    ),
  ]);
  const types = declared.map((value) => ({ name: inputName(value), dtype: value.dtype, shape: value.shape }));
  return { bytes, inputs: types, nodes: encoder.nodes };
}

const inputName = (value: Value): string =>
  isFrom(value, 'Input') ? value.node.attributes.name : value.node.op;

/** Turns nodes into protobuf messages, collecting the constants on the way. */
class Encoder {
  readonly names: Names = new Names();
  readonly nodes: Map<string, Node> = new Map();
  readonly #initialisers: Field[] = [];
  readonly #sharedConstants: Map<string, string> = new Map();

  mainGraph(
    name: string,
    order: readonly Node[],
    inputs: readonly Value[],
    results: readonly (readonly [string, Value])[],
  ): Field[] {
    const [outputs, copies] = this.#outputs(
      order,
      results.map(([, value]) => value),
      (value, i) => this.names.claim(value, results[i]![0]),
    );
    const nodes = this.#nodes([...order, ...copies]);
    // Initialisers come after the nodes were written, which is what finds them.
    return [...nodes, stringField(2, name), ...this.#initialisers, ...this.#ends(inputs, outputs)];
  }

  #bodyGraph(node: Node<'Loop'>): Field[] {
    const { bodyInputs, bodyOutputs } = node.attributes;
    const order = bodyNodes(bodyInputs, bodyOutputs);
    const before = bodyInputs.map((value) => this.names.value(value));
    const [outputs, copies] = this.#outputs(order, bodyOutputs, (value, i) =>
      this.names.suggest(value, `next:${before[i + 1] ?? `scan${i}`}`),
    );
    const nodes = this.#nodes([...order, ...copies]);
    return [...nodes, stringField(2, `${this.names.node(node)}/body`), ...this.#ends(bodyInputs, outputs)];
  }

  /**
   * Gives the output names to the very nodes that compute the outputs, so that a loop's state costs no copy at the end
   * of an iteration. Only a value that no node of this graph computes, or that is an output twice, needs a copy.
   */
  #outputs(
    order: readonly Node[],
    values: readonly Value[],
    name: (value: Value, index: number) => void,
  ): [readonly Value[], readonly Node[]] {
    const own = new Set(order.filter((node) => node.op !== 'Input' && node.op !== 'Constant'));
    const copies: Node[] = [];
    const outputs = values.map((value, i) => {
      const direct = own.has(value.node) && !this.names.has(value);
      const output = direct ? value : identity(value);
      if (!direct) copies.push(output.node);
      name(output, i);
      return output;
    });
    return [outputs, copies];
  }

  #ends(inputs: readonly Value[], outputs: readonly Value[]): Field[] {
    return [
      ...inputs.map((value) => messageField(11, this.#valueInfo(value))),
      ...outputs.map((value) => messageField(12, this.#valueInfo(value))),
    ];
  }

  #nodes(order: readonly Node[]): Field[] {
    return order.flatMap((node) => {
      if (node.op === 'Input') return [];
      const value = node.outputs[0]!;
      if (!isFrom(value, 'Constant')) return [messageField(1, this.#node(node))];
      this.#initialiser(this.names.value(value), value.node.attributes.tensor);
      return [];
    });
  }

  #node(node: Node): Field[] {
    const name = this.names.node(node);
    this.nodes.set(name, node);
    const {
      op = node.op,
      constants = [],
      attributes = {},
    } = (operators[node.op] as Operator<OpType>).onnx?.(node.attributes, node.inputs) ?? {};
    const isLoop = isFrom(node.outputs[0]!, 'Loop');
    // A loop's captured values are found by name in the body; its second ONNX input, the condition, is left out.
    const inputs = isLoop
      ? this.#loopInputs(node as Node<'Loop'>)
      : node.inputs.map((value) => this.names.value(value));
    return [
      ...[...inputs, ...constants.map((tensor) => this.#constant(tensor))].map((input) =>
        stringField(1, input),
      ),
      ...node.outputs.map((value) => stringField(2, this.names.value(value))),
      stringField(3, name),
      stringField(4, op),
      ...Object.entries(attributes).map(([key, value]) => messageField(5, attribute(key, value))),
      ...(isLoop ? [messageField(5, graphAttribute('body', this.#bodyGraph(node as Node<'Loop'>)))] : []),
    ];
  }

  #loopInputs({ inputs, attributes }: Node<'Loop'>): string[] {
    const [tripCount, ...state] = inputs
      .slice(0, 1 + attributes.stateCount)
      .map((value) => this.names.value(value));
    return [tripCount!, '', ...state];
  }

  /** An operator's constant input; equal ones are stored once. */
  #constant(tensor: Tensor): string {
    const key = `${tensor.dtype} [${tensor.shape.join()}] ${tensor.data.join()}`;
    let name = this.#sharedConstants.get(key);
    if (name === undefined) {
      name = this.names.fresh(`constant/${tensor.data.join('_') || 'empty'}`);
      this.#sharedConstants.set(key, name);
      this.#initialiser(name, tensor);
    }
    return name;
  }

  #initialiser(name: string, tensor: Tensor): void {
    const dims = tensor.shape.map((size) => integerField(1, size));
    const type = integerField(2, onnxDType[tensor.dtype]);
    this.#initialisers.push(
      messageField(5, [...dims, type, stringField(8, name), bytesField(9, bytesOf(tensor))]),
    );
  }

  #valueInfo(value: Value): Field[] {
    const dims = value.shape.map((dim) =>
      messageField(1, [typeof dim === 'number' ? integerField(1, dim) : stringField(2, dim)]),
    );
    const tensorType = [integerField(1, onnxDType[value.dtype]), messageField(2, dims)];
    return [stringField(1, this.names.value(value)), messageField(2, [messageField(1, tensorType)])];
  }
}

/** AttributeProto: the value's field, then its type (FLOAT 1, INT 2, STRING 3, GRAPH 5, INTS 7). */
function attribute(name: string, value: OnnxAttribute): Field[] {
  if (typeof value === 'number') return [stringField(1, name), floatField(2, value), integerField(20, 1)];
  if (typeof value === 'string') return [stringField(1, name), stringField(4, value), integerField(20, 3)];
  if ('int' in value) return [stringField(1, name), integerField(3, value.int), integerField(20, 2)];
  return [stringField(1, name), ...value.ints.map((item) => integerField(8, item)), integerField(20, 7)];
}

function graphAttribute(name: string, graph: readonly Field[]): Field[] {
  return [stringField(1, name), messageField(6, graph), integerField(20, 5)];
}
