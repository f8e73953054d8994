import { fromBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
  type ValueInfoProto,
} from 'onnx-buf';

/** A node as plain values; graphs inside it are left to `bodyOf`. */
export interface DecodedNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
}

/** Reads an ONNX file with a decoder that shares no code with the encoder. */
export function decodeModel(bytes: Uint8Array): ModelProto & { readonly graph: GraphProto } {
  const model = fromBinary(ModelProtoSchema, bytes);
  if (!model.graph) throw new Error('the model has no graph');
  return model as ModelProto & { readonly graph: GraphProto };
}

/** The nodes of a graph in their order. */
export function nodesOf(graph: GraphProto): readonly DecodedNode[] {
  return graph.node.map((node) => ({
    name: node.name,
    op: node.opType,
    inputs: node.input,
    outputs: node.output,
    attributes: Object.fromEntries(
      node.attribute
        .filter(({ type }) => type !== AttributeProto_AttributeType.GRAPH)
        .map((attribute) => [attribute.name, attributeValue(attribute)]),
    ),
  }));
}

/** The body of the graph's only loop. */
export function bodyOf(graph: GraphProto): GraphProto {
  const loops = graph.node.filter(({ opType }: NodeProto) => opType === 'Loop');
  const body = loops[0]?.attribute.find(({ name }) => name === 'body')?.g;
  if (loops.length !== 1 || !body)
    throw new Error(`expected one loop with a body, got ${loops.length} loops`);
  return body;
}

/** `x: FLOAT [N, 2]` */
export function typeText({ name, type }: ValueInfoProto): string {
  if (type?.value.case !== 'tensorType') throw new Error(`${name} is no tensor`);
  const { elemType, shape } = type.value.value;
  const sizes = shape?.dim.map(({ value }) => String(value.value)) ?? ['no shape'];
  return `${name}: ${TensorProto_DataType[elemType]} [${sizes.join(', ')}]`;
}

/** `b: FLOAT [2] = 1, 2`, from the raw little-endian bytes. */
export function initialiserText({ name, dims, dataType, rawData }: TensorProto): string {
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const readers: Partial<
    Record<TensorProto_DataType, [bytes: number, read: (offset: number) => number | bigint]>
  > = {
    [TensorProto_DataType.FLOAT]: [4, (offset) => view.getFloat32(offset, true)],
    [TensorProto_DataType.DOUBLE]: [8, (offset) => view.getFloat64(offset, true)],
    [TensorProto_DataType.INT64]: [8, (offset) => view.getBigInt64(offset, true)],
    [TensorProto_DataType.INT32]: [4, (offset) => view.getInt32(offset, true)],
    [TensorProto_DataType.UINT8]: [1, (offset) => view.getUint8(offset)],
    [TensorProto_DataType.BOOL]: [1, (offset) => view.getUint8(offset)],
  };
  const reader = readers[dataType as TensorProto_DataType];
  if (!reader) throw new Error(`${name} has element type ${dataType}`);
  const [bytes, read] = reader;
  const elements = Array.from({ length: rawData.byteLength / bytes }, (_, i) => read(i * bytes));
  return `${name}: ${TensorProto_DataType[dataType]} [${dims.join(', ')}] = ${elements.join(', ')}`;
}

function attributeValue({ name, type, f, i, s, ints }: AttributeProto): number | string | number[] {
  if (type === AttributeProto_AttributeType.FLOAT) return f;
  if (type === AttributeProto_AttributeType.INT) return Number(i);
  if (type === AttributeProto_AttributeType.STRING) return new TextDecoder().decode(s);
  if (type === AttributeProto_AttributeType.INTS) return ints.map(Number);
  throw new Error(`attribute ${name} has type ${type}`);
}
