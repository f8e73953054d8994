import { DataError, ShapeError } from '../errors.ts';
import {
  allocate,
  bytesOf,
  bytesPerElement,
  type DType,
  elementCount,
  type Tensor,
  viewAs,
} from '../graph/tensor.ts';

// A file is "\x93NUMPY", a version (two bytes), the header's length (uint16, from version 2 on uint32, little-endian), a
// header in Python's notation, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, and the elements.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy's own limit. */
const maxHeaderBytes = 10_000;

const codeOf = {
  float32: 'f4',
  float64: 'f8',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  bool: 'b1',
} as const satisfies Record<DType, string>;

const dtypeOf = new Map<string, DType>(
  Object.entries(codeOf).map(([dtype, code]) => [code, dtype as DType] as const),
);

/**
 * What stands before the elements in a .npy file, version 1.0, little-endian, in C order: the header of a file that is
 * written piece by piece.
 */
export function encodeNpyHeader({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): Uint8Array<ArrayBuffer> {
  const order = bytesPerElement(dtype) === 1 ? '|' : '<';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${order}${codeOf[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Spaces and a line feed fill up to a multiple of 64, so that the elements can be mapped into memory. NumPy leaves
  // room for a first axis of 21 digits, which lets it append without moving the elements.
  const room = shape.length > 0 ? 21 - String(shape[0]).length : 0;
  const dataStart = Math.ceil((magic.length + 4 + dictionary.length + room + 1) / 64) * 64;
  const header = `${dictionary.padEnd(dataStart - magic.length - 5)}\n`;

  const bytes = new Uint8Array(dataStart);
  bytes.set([...magic, 1, 0, header.length & 0xff, header.length >>> 8]);
  bytes.set(new TextEncoder().encode(header), magic.length + 4);
  return bytes;
}

/**
 * The bytes of a .npy file, as `numpy.save` writes it.
 *
 * @throws ShapeError if the tensor's data does not have the number of elements of its shape
 */
export function encodeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const { shape, data } = tensor;
  if (data.length !== elementCount(shape))
    throw new ShapeError(
      `encodeNpy: a tensor of shape [${shape.join(', ')}] must hold ${elementCount(shape)} elements, got ${data.length}`,
    );
  const header = encodeNpyHeader(tensor);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(bytesOf(tensor), header.length);
  return bytes;
}

/** Where the header lies: magic, version and length are right. */
function locateHeader(bytes: Uint8Array): { start: number; end: number } {
  const wrong = magic.findIndex((byte, i) => bytes[i] !== byte);
  if (wrong >= 0)
    throw new DataError(
      `decodeNpy: a file must begin with the bytes 93 NUMPY, got ${bytes[wrong] ?? 'the end of the file'} at byte ${wrong}. The file is not in this format`,
    );
  const version = bytes[6];
  if (version !== 1 && version !== 2 && version !== 3)
    throw new DataError(
      `decodeNpy: the version must be 1, 2 or 3, got ${version ?? 'the end of the file'} at byte 6`,
    );
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start)
    throw new DataError(
      `decodeNpy: the header must start at byte ${start}, got a file of ${bytes.length} bytes`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end > bytes.length)
    throw new DataError(
      `decodeNpy: the header must end within the file of ${bytes.length} bytes, got byte ${end}. The file is truncated`,
    );
  if (end - start > maxHeaderBytes)
    throw new DataError(
      `decodeNpy: the header at byte ${start} must be at most ${maxHeaderBytes} bytes, got ${end - start}`,
    );
  return { start, end };
}

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

// 'key': 'text' | True | False | (1, 2L, )      Python 2 wrote large numbers with an L.
const field =
  /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(((?:\s*\d+L?\s*,)*(?:\s*\d+L?)?\s*)\))\s*(?:,|(?=\}))/y;

function parseHeader(text: string, start: number): Header {
  const fail = (what: string): DataError =>
    new DataError(
      `decodeNpy: the header at byte ${start} must be {'descr': ..., 'fortran_order': ..., 'shape': ...}, ${what}`,
    );
  const trimmed = text.trimEnd();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}'))
    throw fail(`got ${JSON.stringify(trimmed.slice(0, 80))}`);
  if (/'descr'\s*:\s*\[/.test(trimmed))
    throw new DataError(
      `decodeNpy: elements must be plain numbers, got a structured dtype in the header at byte ${start}. Save one field at a time`,
    );

  const values = new Map<string, string | boolean | number[]>();
  let at = 1;
  while (trimmed.slice(at).trim() !== '}') {
    field.lastIndex = at;
    const match = field.exec(trimmed);
    if (!match) throw fail(`got ${JSON.stringify(trimmed.slice(at, at + 80))} at byte ${start + at}`);
    const [, singleKey, doubleKey, singleText, doubleText, flag, tuple] = match;
    const key = singleKey ?? doubleKey!;
    if (values.has(key)) throw fail(`got ${key} twice`);
    if (flag) values.set(key, flag === 'True');
    else if (tuple !== undefined) values.set(key, (tuple.match(/\d+/g) ?? []).map(Number));
    else values.set(key, singleText ?? doubleText!);
    at = field.lastIndex;
  }
  const descr = values.get('descr');
  const fortranOrder = values.get('fortran_order');
  const shape = values.get('shape');
  if (
    typeof descr !== 'string' ||
    typeof fortranOrder !== 'boolean' ||
    !Array.isArray(shape) ||
    values.size !== 3
  )
    throw fail(`got the keys ${[...values.keys()].join(', ')} or a value of another type`);
  return { descr, fortranOrder, shape };
}

/** Reverses the bytes of each element in place. */
function reverseEach(bytes: Uint8Array, elementBytes: number): void {
  for (let at = 0; at < bytes.length; at += elementBytes)
    for (let low = at, high = at + elementBytes - 1; low < high; low++, high--) {
      const held = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = held;
    }
}

/** Elements of a Fortran-order array, first axis fastest, in C order, last axis fastest. */
function toRowMajor(data: Tensor['data'], dtype: DType, shape: readonly number[]): Tensor['data'] {
  const result = allocate(dtype, data.length) as { [index: number]: number | bigint };
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    result[to] = data[from]!;
    // Counts up like an odometer: the last axis turns fastest, and a full axis carries into the one before.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result as Tensor['data'];
}

/**
 * The array in a .npy file, in C order, with memory of its own. Reads versions 1 to 3, both orders of axes and of bytes,
 * and the dtypes f4, f8, i4, i8, u1 and b1.
 *
 * @throws DataError if the file is truncated, is not in this format, or holds elements of another kind; the message
 * carries the byte offset
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function decodeNpy(bytes: Uint8Array): Tensor {
  const { start, end } = locateHeader(bytes);
  // Latin-1 in versions 1 and 2, UTF-8 in 3: they differ in names of fields only, and those are refused.
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const { descr, fortranOrder, shape } = parseHeader(text, start);

  const order = descr[0];
  const dtype = dtypeOf.get(descr.slice(1));
  const bigEndian = order === '>';
  if (!dtype || !(bigEndian || order === '<' || (order === '|' && bytesPerElement(dtype) === 1)))
    throw new DataError(
      `decodeNpy: the dtype must be one of ${[...dtypeOf.keys()].join(', ')}, got ${descr} in the header at byte ${start}. Convert it with astype`,
    );
  const elementBytes = bytesPerElement(dtype);
  const needed = elementCount(shape) * elementBytes;
  if (bytes.length - end !== needed)
    throw new DataError(
      `decodeNpy: ${dtype} [${shape.join(', ')}] must take ${needed} bytes from byte ${end}, got ${bytes.length - end}. The file is ${bytes.length - end < needed ? 'truncated' : 'longer than its header says'}`,
    );

  const copy = new Uint8Array(bytes.subarray(end));
  if (bigEndian) reverseEach(copy, elementBytes);
  const data = viewAs(dtype, copy);
  if (dtype === 'bool') {
    const wrong = copy.findIndex((byte) => byte > 1);
    if (wrong >= 0)
      throw new DataError(`decodeNpy: booleans must be 0 or 1, got ${copy[wrong]} at byte ${end + wrong}`);
  }
  return { dtype, shape, data: fortranOrder && shape.length > 1 ? toRowMajor(data, dtype, shape) : data };
}
