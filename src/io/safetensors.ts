import { ConfigError, DataError, ShapeError } from '../errors.ts';
import {
  bytesOf,
  bytesPerElement,
  type DType,
  elementCount,
  type Tensor,
  type Tensors,
  viewAs,
} from '../graph/tensor.ts';

// A file is a header length (uint64, little-endian), a header in JSON, and the tensors' bytes without gaps:
//   { "__metadata__": { "key": "text" }, "name": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] } }
// Offsets count from the end of the header. https://github.com/huggingface/safetensors#format

const codeOf = {
  float64: 'F64',
  int64: 'I64',
  float32: 'F32',
  int32: 'I32',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Record<DType, string>;

const dtypeOf = new Map<unknown, DType>(
  Object.entries(codeOf).map(([dtype, code]) => [code, dtype as DType] as const),
);

const lengthBytes = 8;

/** By UTF-16 code units: an order that no locale changes. */
const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** What `decodeSafetensors` finds in a file. */
export interface Safetensors {
  readonly tensors: Tensors;
  /** Free text beside the tensors; empty where the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A safetensors file in pieces: its header, then each tensor's bytes, which are views of the tensors' own memory. What
 * `encodeSafetensors` returns is their concatenation.
 *
 * @throws as `encodeSafetensors`
 */
export function safetensorsPieces(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  const { header, entries } = layout(tensors, metadata);
  return [header, ...entries.map(([, tensor]) => bytesOf(tensor))];
}

/**
 * The bytes of a safetensors file, which depend on names, values and metadata alone, not on the order of their keys:
 * metadata sorted by key, tensors by element size (largest first, so that each starts at a multiple of its own) and name.
 *
 * @param metadata - free text beside the tensors; default none
 * @throws ShapeError if a tensor's data does not have the number of elements of its shape
 * @throws ConfigError if a tensor is called `__metadata__`, which the format reserves
 */
export function encodeSafetensors(
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { header, entries, dataBytes } = layout(tensors, metadata);
  const bytes = new Uint8Array(header.length + dataBytes);
  bytes.set(header);
  let at = header.length;
  for (const [, tensor] of entries) {
    bytes.set(bytesOf(tensor), at);
    at += tensor.data.byteLength;
  }
  return bytes;
}

/** The header, and the tensors in the order of the file. */
function layout(tensors: Tensors, metadata: Readonly<Record<string, string>>) {
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => bytesPerElement(y.dtype) - bytesPerElement(x.dtype) || byName(a, b),
  );
  // Joined by hand: an object would put keys that look like integers first.
  const fields: string[] = [];
  if (Object.keys(metadata).length > 0) {
    const texts = Object.entries(metadata).sort(([a], [b]) => byName(a, b));
    const members = texts.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`);
    fields.push(`"__metadata__":{${members.join(',')}}`);
  }
  let end = 0;
  for (const [name, tensor] of entries) {
    if (name === '__metadata__')
      throw new ConfigError('encodeSafetensors: a tensor must not be named __metadata__. Rename it');
    if (tensor.data.length !== elementCount(tensor.shape))
      throw new ShapeError(
        `encodeSafetensors: tensor ${name} of shape [${tensor.shape.join(', ')}] must hold ${elementCount(tensor.shape)} elements, got ${tensor.data.length}`,
      );
    const begin = end;
    end += tensor.data.byteLength;
    const entry = { dtype: codeOf[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }

  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  // Spaces fill the header up to a multiple of 8, so that the data can be viewed in place.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(lengthBytes + headerBytes).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(json, lengthBytes);
  return { header, entries, dataBytes: end };
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** JSON for a message, cut to what fits on a line: a corrupted header may hold anything. */
const show = (value: unknown): string => {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 80 ? `${json.slice(0, 80)}...` : json;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < lengthBytes)
    throw new DataError(
      `decodeSafetensors: a file must begin with a header length of 8 bytes, got ${bytes.length} bytes`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = view.getBigUint64(0, true);
  if (headerBytes > BigInt(bytes.length - lengthBytes))
    throw new DataError(
      `decodeSafetensors: the header must end within the file of ${bytes.length} bytes, got a header length of ${headerBytes} at byte 0. The file is truncated or not in this format`,
    );
  const dataStart = lengthBytes + Number(headerBytes);
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(lengthBytes, dataStart)),
    );
  } catch (cause) {
    throw new DataError(
      `decodeSafetensors: the header at bytes 8 to ${dataStart} must be JSON in UTF-8, got: ${(cause as Error).message}`,
      { cause },
    );
  }
  if (!isRecord(header))
    throw new DataError(
      `decodeSafetensors: the header at bytes 8 to ${dataStart} must be a JSON object, got ${show(header)}`,
    );
  return { header, dataStart };
}

function parseMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string'))
    throw new DataError(`decodeSafetensors: __metadata__ must map keys to text, got ${show(value)}`);
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown): Entry {
  const fail = (what: string, got: unknown): DataError =>
    new DataError(`decodeSafetensors: tensor ${name}: ${what}, got ${show(got)}`);
  if (!isRecord(value)) throw fail('its entry must be an object', value);
  const { shape, data_offsets: offsets } = value;
  const dtype = dtypeOf.get(value['dtype']);
  if (!dtype) throw fail(`dtype must be one of ${[...dtypeOf.keys()].join(', ')}`, value['dtype']);
  if (!isCounts(shape)) throw fail('shape must be a list of whole numbers from 0', shape);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw fail('data_offsets must be two whole numbers from 0', offsets);
  const [begin, end] = offsets as [number, number];
  const needed = elementCount(shape) * bytesPerElement(dtype);
  if (end - begin !== needed)
    throw fail(`data_offsets must span ${needed} bytes for ${dtype} [${shape.join(', ')}]`, offsets);
  return { name, dtype, shape, begin, end };
}

/** Throws unless the entries, sorted by offset, follow each other without overlap or gap to the end of the file. */
function requireContiguous(entries: readonly Entry[], dataStart: number, fileBytes: number): void {
  let expected = 0;
  for (const { name, begin, end } of entries) {
    if (dataStart + end > fileBytes)
      throw new DataError(
        `decodeSafetensors: tensor ${name} must end within the file of ${fileBytes} bytes, got bytes ${dataStart + begin} to ${dataStart + end}. The file is truncated`,
      );
    if (begin !== expected)
      throw new DataError(
        `decodeSafetensors: tensor ${name} must begin where the one before it ends, at byte ${dataStart + expected}, got byte ${dataStart + begin}. The file is corrupted: tensors ${begin < expected ? 'overlap' : 'leave a gap'}`,
      );
    expected = end;
  }
  if (dataStart + expected !== fileBytes)
    throw new DataError(
      `decodeSafetensors: the file must end with its last tensor at byte ${dataStart + expected}, got ${fileBytes} bytes`,
    );
}

/**
 * The tensors and metadata of a safetensors file. Each tensor gets memory of its own, so that one can be transferred to
 * a worker or freed without the others.
 *
 * @throws DataError if the file is truncated, is not in this format, has an element type that no `DType` stands for, or
 * holds tensors that overlap, leave gaps or run past its end; the message names tensor and byte
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { header, dataStart } = parseHeader(bytes);
  const { __metadata__, ...rest } = header;
  const metadata = parseMetadata(__metadata__);
  const entries = Object.entries(rest).map(([name, value]) => parseEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  requireContiguous(entries, dataStart, bytes.length);

  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
    // Not `slice`, which makes a view instead of a copy where `bytes` is a Node Buffer.
    const data = viewAs(dtype, new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)));
    if (dtype === 'bool') {
      const wrong = (data as Uint8Array).findIndex((byte) => byte > 1);
      if (wrong >= 0)
        throw new DataError(
          `decodeSafetensors: tensor ${name} must hold booleans 0 or 1, got ${data[wrong]} at byte ${dataStart + begin + wrong}`,
        );
    }
    return [name, { dtype, shape, data }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}
