import { unzlibSync } from 'fflate';
import { DataError } from '../errors.ts';

type ElementType = 'float64' | 'float32' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32';

/** A numeric array of a MATLAB file. */
export interface MatArray {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Column-major, as MATLAB stores it: the first axis runs fastest. */
  readonly data:
    | Float64Array
    | Float32Array
    | Int8Array
    | Uint8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array;
}

/** The arrays of a MATLAB file by name, and what else it holds. */
export interface MatFile {
  readonly arrays: Readonly<Record<string, MatArray>>;
  /** Variables that are no dense real numeric arrays, with what they are: `a cell array`. */
  readonly others: Readonly<Record<string, string>>;
}

const elementArrays = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const satisfies Record<ElementType, unknown>;

/** Storage types by their code (table 1-1 of the format). MATLAB stores doubles that are whole and small as bytes. */
const storage: Readonly<Record<number, ElementType>> = {
  1: 'int8',
  2: 'uint8',
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'float32',
  9: 'float64',
};

/** Array classes by their code (table 1-3): the type of a variable in MATLAB. */
const classes: Readonly<Record<number, ElementType | { readonly other: string }>> = {
  1: { other: 'a cell array' },
  2: { other: 'a struct' },
  3: { other: 'an object' },
  4: { other: 'text' },
  5: { other: 'a sparse matrix' },
  6: 'float64',
  7: 'float32',
  8: 'int8',
  9: 'uint8',
  10: 'int16',
  11: 'uint16',
  12: 'int32',
  13: 'uint32',
  14: { other: 'int64' },
  15: { other: 'uint64' },
};

const MATRIX = 14;
const COMPRESSED = 15;
const COMPLEX = 0x08;

/** MATLAB itself stops at 63. */
const LONGEST_NAME = 255;

/** Bytes of a file or of an unpacked element, and how positions in them are called in errors. */
interface Region {
  readonly view: DataView;
  readonly littleEndian: boolean;
  fail(offset: number, rest: string): DataError;
}

/** A data element: `offset` is where its content begins. */
interface Element {
  readonly type: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Where the next element begins. */
  readonly next: number;
}

/** The element at `at`; `end` bounds it. Small elements keep type, size and content in 8 bytes. */
function elementAt(region: Region, at: number, end: number): Element {
  const { view, littleEndian } = region;
  if (at + 8 > end)
    throw region.fail(at, `must hold an element's tag of 8 bytes, got ${end - at} bytes (truncated)`);
  const word = view.getUint32(at, littleEndian);
  const small = word >>> 16;
  if (small > 0) {
    if (small > 4) throw region.fail(at, `must hold a small element of at most 4 bytes, got ${small}`);
    return { type: word & 0xffff, offset: at + 4, sizeBytes: small, next: at + 8 };
  }
  const sizeBytes = view.getUint32(at + 4, littleEndian);
  const offset = at + 8;
  if (offset + sizeBytes > end) {
    const there = end - offset;
    throw region.fail(
      at,
      `must hold an element of ${sizeBytes} bytes, got ${there} up to its end (truncated)`,
    );
  }
  // Padded to 8 bytes; the last one of a file may lack the padding, and compressed elements have none.
  const padded = word === COMPRESSED ? sizeBytes : Math.ceil(sizeBytes / 8) * 8;
  return { type: word, offset, sizeBytes, next: Math.min(end, offset + padded) };
}

const needsCopy = (offset: number, size: number) => offset % size !== 0;

/** The numbers of an element, in its own storage type. */
function numbersOf(region: Region, at: number, { type, offset, sizeBytes }: Element): MatArray['data'] {
  const stored = storage[type];
  if (!stored) throw region.fail(at, `must hold numbers (type 1 to 7 or 9), got type ${type}`);
  const Numbers = elementArrays[stored];
  const size = Numbers.BYTES_PER_ELEMENT;
  if (sizeBytes % size !== 0)
    throw region.fail(at, `must hold whole numbers of ${size} bytes, got ${sizeBytes} bytes`);
  const { view, littleEndian } = region;
  const bytes = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, sizeBytes);
  if (size > 1 && !littleEndian) {
    const swapped = new Uint8Array(bytes);
    for (let i = 0; i < swapped.length; i += size) swapped.subarray(i, i + size).reverse();
    return new Numbers(swapped.buffer);
  }
  const aligned = needsCopy(bytes.byteOffset, size) ? new Uint8Array(bytes) : bytes;
  return new Numbers(aligned.buffer, aligned.byteOffset, sizeBytes / size);
}

interface Variable {
  readonly name: string;
  readonly content: MatArray | string;
}

/** The variable in the matrix element that begins at `at`. */
function readMatrix(region: Region, at: number, { offset, sizeBytes }: Element): Variable {
  const end = offset + sizeBytes;
  const flags = elementAt(region, offset, end);
  if (flags.type !== 6 || flags.sizeBytes !== 8)
    throw region.fail(offset, `must hold the flags of an array, got type ${flags.type}`);
  const word = region.view.getUint32(flags.offset, region.littleEndian);
  const dimensions = elementAt(region, flags.next, end);
  if (dimensions.type !== 5)
    throw region.fail(flags.next, `must hold dimensions, got type ${dimensions.type}`);
  const shape = Array.from(numbersOf(region, flags.next, dimensions));
  if (shape.length < 2 || shape.some((extent) => extent < 0))
    throw region.fail(flags.next, `must hold at least 2 dimensions from 0, got [${shape.join(', ')}]`);
  const named = elementAt(region, dimensions.next, end);
  if (named.type !== 1 || named.sizeBytes > LONGEST_NAME) {
    const got = `type ${named.type} of ${named.sizeBytes} bytes`;
    throw region.fail(dimensions.next, `must hold a name of at most ${LONGEST_NAME} bytes, got ${got}`);
  }
  const name = String.fromCharCode(...numbersOf(region, dimensions.next, named));

  const type = classes[word & 0xff];
  if (type === undefined)
    throw region.fail(flags.offset, `must hold an array class of 1 to 15, got ${word & 0xff}`);
  if (typeof type === 'object') return { name, content: type.other };
  if ((word >>> 8) & COMPLEX) return { name, content: 'a complex array' };
  const real = elementAt(region, named.next, end);
  const numbers = numbersOf(region, named.next, real);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (numbers.length !== count) {
    throw region.fail(
      at,
      `must hold ${count} numbers for ${name} [${shape.join(', ')}], got ${numbers.length}`,
    );
  }
  const data = numbers instanceof elementArrays[type] ? numbers : elementArrays[type].from(numbers);
  return { name, content: { dtype: type, shape, data } };
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; ) {
    // 3,800 additions stay below 2^31 before they must be reduced.
    for (const end = Math.min(i + 3800, bytes.length); i < end; i++) {
      a += bytes[i]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** The region that a compressed element unpacks to. */
function unpacked(region: Region, at: number, { offset, sizeBytes }: Element): Region {
  const { view, littleEndian } = region;
  const packed = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, sizeBytes);
  const corrupted = (reason: string, cause?: unknown) =>
    new DataError(`${region.fail(at, `must hold zlib data, got ${reason} (corrupted)`).message}`, { cause });
  let bytes: Uint8Array;
  try {
    bytes = unzlibSync(packed);
  } catch (cause) {
    throw corrupted(`what cannot be unpacked: ${(cause as Error).message}`, cause);
  }
  if (view.getUint32(offset + sizeBytes - 4) !== adler32(bytes)) throw corrupted('another checksum');
  return {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    littleEndian,
    fail: (inner, rest) => region.fail(at, `unpacks to data that at its byte ${inner} ${rest}`),
  };
}

/** @throws DataError unless the bytes begin as a MATLAB 5 file does; says what else they are */
function openMat(bytes: Uint8Array, source: string): Region {
  const fail = (rest: string) => new DataError(`decodeMat: ${source} ${rest}`);
  const text = String.fromCharCode(...bytes.subarray(0, 116)).trimEnd();
  if (text.startsWith('MATLAB 7.3') || bytes[0] === 0x89)
    throw fail("must be a MATLAB 5 file, got MATLAB 7.3 (HDF5). Save it with save('-v7', ...)");
  if (bytes.length < 128)
    throw fail(`must have a header of 128 bytes, got its end at byte ${bytes.length} (truncated)`);
  const mark = String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== 'IM' && mark !== 'MI') {
    const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw fail(
      `must be a MATLAB 5 file (IM or MI at byte 126), got one that starts with ${first}: MATLAB 4, or no .mat file`,
    );
  }
  return {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    littleEndian: mark === 'IM',
    fail: (offset, rest) => fail(`at byte ${offset} ${rest}`),
  };
}

/**
 * The dense real numeric arrays in a MATLAB 5 file (`save -v6` and `-v7`, scipy's `savemat`), compressed or not, of either
 * byte order. Of cells, structs, text, sparse, complex and 64-bit integer arrays only the name is read.
 *
 * @param source - what the bytes are called in errors, such as a path
 * @returns arrays in their own class; uncompressed ones may share memory with `bytes`
 * @throws DataError with the byte offset if the bytes are no MATLAB 5 file, are cut or corrupted
 * @see MAT-File Format, https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
 */
export function decodeMat(bytes: Uint8Array, source = 'MATLAB data'): MatFile {
  const file = openMat(bytes, source);
  const arrays = new Map<string, MatArray>();
  const others = new Map<string, string>();
  for (let at = 128; at < bytes.length; ) {
    const outer = elementAt(file, at, bytes.length);
    const region = outer.type === COMPRESSED ? unpacked(file, at, outer) : file;
    const start = region === file ? at : 0;
    const element = region === file ? outer : elementAt(region, 0, region.view.byteLength);
    if (element.type !== MATRIX)
      throw region.fail(start, `must hold an array (type ${MATRIX}), got type ${element.type}`);
    const { name, content } = readMatrix(region, start, element);
    if (typeof content === 'string') others.set(name, content);
    else arrays.set(name, content);
    at = outer.next;
  }
  return { arrays: Object.fromEntries(arrays), others: Object.fromEntries(others) };
}
