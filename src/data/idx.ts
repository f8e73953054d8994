import { DataError } from '../errors.ts';
import { gunzip, isGzip } from './gzip.ts';

/** The element types of IDX, as the third byte of the magic number codes them. */
type IdxData = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An array from an IDX file, row-major. */
export interface IdxArray {
  readonly dtype: 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';
  readonly shape: readonly number[];
  readonly data: IdxData;
}

/** Grey images from an IDX file. */
export interface IdxImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** uint8 `[count, height, width]`; in MNIST 0 is the background and 255 full ink. */
  readonly pixels: Uint8Array;
}

interface ElementType {
  readonly dtype: IdxArray['dtype'];
  readonly sizeBytes: number;
  readonly read: (view: DataView, count: number) => IdxData;
}

/** Keyed by the third byte of the magic number. Elements wider than a byte are big-endian; DataView's default. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  8: {
    dtype: 'uint8',
    sizeBytes: 1,
    read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count),
  },
  9: {
    dtype: 'int8',
    sizeBytes: 1,
    read: (view, count) => new Int8Array(view.buffer, view.byteOffset, count),
  },
  11: {
    dtype: 'int16',
    sizeBytes: 2,
    read: (view, length) => Int16Array.from({ length }, (_, i) => view.getInt16(2 * i)),
  },
  12: {
    dtype: 'int32',
    sizeBytes: 4,
    read: (view, length) => Int32Array.from({ length }, (_, i) => view.getInt32(4 * i)),
  },
  13: {
    dtype: 'float32',
    sizeBytes: 4,
    read: (view, length) => Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i)),
  },
  14: {
    dtype: 'float64',
    sizeBytes: 8,
    read: (view, length) => Float64Array.from({ length }, (_, i) => view.getFloat64(8 * i)),
  },
};

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Whether `bytes` start as an IDX file does: two zeros, a known element type, at least one dimension. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2]! in elementTypes && bytes[3]! > 0;
}

/**
 * The array in an IDX file, plain or gzip. Layout: `00 00`, element type, rank, the sizes as big-endian uint32, then the
 * elements row by row.
 *
 * @param source - what the bytes are called in errors, such as a path
 * @returns uint8 and int8 data share memory with `bytes` where those are not compressed
 * @throws DataError with the byte offset if the bytes are no IDX file, are cut, or go on behind the last element
 * @see http://yann.lecun.com/exdb/mnist/
 */
export function decodeIdx(bytes: Uint8Array, source = 'IDX data'): IdxArray {
  const fail = (rest: string) => new DataError(`decodeIdx: ${source} ${rest}`);
  const plain = isGzip(bytes) ? gunzip(bytes, source) : bytes;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);

  if (plain.length < 4)
    throw fail(`must start with a magic number of 4 bytes, got its end at byte ${plain.length} (truncated)`);
  if (!isIdx(plain)) {
    throw fail(
      `must start with 00 00, an element type (08, 09, 0b, 0c, 0d or 0e) and a rank, got ${hex(plain.subarray(0, 4))} at byte 0: not an IDX file, or corrupted`,
    );
  }
  const { dtype, sizeBytes, read } = elementTypes[plain[2]!]!;
  const rank = plain[3]!;
  const headerBytes = 4 + 4 * rank;
  if (plain.length < headerBytes)
    throw fail(`must have a header of ${headerBytes} bytes, got its end at byte ${plain.length} (truncated)`);

  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  const wanted = headerBytes + count * sizeBytes;
  if (plain.length !== wanted) {
    const fault =
      plain.length < wanted
        ? `its end at byte ${plain.length} (truncated)`
        : `${plain.length} (corrupted: bytes from ${wanted} on belong to nothing)`;
    throw fail(`must have ${wanted} bytes for ${dtype} [${shape.join(', ')}], got ${fault}`);
  }
  return { dtype, shape, data: read(new DataView(plain.buffer, plain.byteOffset + headerBytes), count) };
}

const describe = ({ dtype, shape }: IdxArray) => `${dtype} [${shape.join(', ')}]`;

/**
 * Grey images from an IDX file (magic 2051), plain or gzip.
 *
 * @throws DataError as `decodeIdx`, or if the file holds labels or anything but uint8 `[count, height, width]`
 */
export function decodeIdxImages(bytes: Uint8Array, source = 'IDX data'): IdxImages {
  const array = decodeIdx(bytes, source);
  const [count, height, width] = array.shape;
  if (array.dtype !== 'uint8' || array.shape.length !== 3) {
    const advice = array.shape.length === 1 ? ': these are labels, not images. Are two files swapped?' : '';
    throw new DataError(
      `decodeIdxImages: ${source} must hold images, uint8 [count, height, width] (magic 00 00 08 03 at byte 0), got ${describe(array)}${advice}`,
    );
  }
  return { count: count!, height: height!, width: width!, pixels: array.data as Uint8Array };
}

/**
 * Labels from an IDX file (magic 2049), plain or gzip.
 *
 * @param classes - how many classes there are: a label beyond them is an error; default: any byte
 * @returns uint8 `[count]`
 * @throws DataError as `decodeIdx`, or if the file holds images or anything but uint8 `[count]`
 */
export function decodeIdxLabels(bytes: Uint8Array, source = 'IDX data', classes = 256): Uint8Array {
  const array = decodeIdx(bytes, source);
  if (array.dtype !== 'uint8' || array.shape.length !== 1) {
    const advice = array.shape.length === 3 ? ': these are images, not labels. Are two files swapped?' : '';
    throw new DataError(
      `decodeIdxLabels: ${source} must hold labels, uint8 [count] (magic 00 00 08 01 at byte 0), got ${describe(array)}${advice}`,
    );
  }
  const labels = array.data as Uint8Array;
  const beyond = labels.findIndex((label) => label >= classes);
  if (beyond >= 0)
    throw new DataError(
      `decodeIdxLabels: labels of ${source} must be below ${classes}, got ${labels[beyond]} at byte ${8 + beyond}`,
    );
  return labels;
}

/** Grey images and the class of each, uint8 `[count]`. */
export interface LabelledImages extends IdxImages {
  readonly labels: Uint8Array;
}

/** The bytes of an IDX file and what they are called in errors, such as a path. */
export interface IdxFile {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/**
 * Images and their labels from a pair of IDX files.
 *
 * @param classes - how many classes there are; default: any byte is a label
 * @throws DataError as `decodeIdxImages` and `decodeIdxLabels`, or if the two counts differ
 */
export function decodeLabelledImages(images: IdxFile, labels: IdxFile, classes?: number): LabelledImages {
  const decoded = decodeIdxImages(images.bytes, images.source);
  const classOf = decodeIdxLabels(labels.bytes, labels.source, classes);
  if (decoded.count !== classOf.length) {
    throw new DataError(
      `decodeLabelledImages: ${labels.source} must hold a label for each of the ${decoded.count} images of ${images.source}, got ${classOf.length} labels (count at byte 4). Do the two files belong together?`,
    );
  }
  return { ...decoded, labels: classOf };
}
