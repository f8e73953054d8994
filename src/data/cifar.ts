import { DataError } from '../errors.ts';
import type { ExampleSet } from './dataset.ts';
import { isGzip } from './gzip.ts';

/** The classes of CIFAR-10 in the order of their labels. */
export const cifar10Classes: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const imageBytes = 3 * 32 * 32;

/** Bytes of one record: the label, then a red, a green and a blue plane of 32 x 32 pixels, row by row. */
export const cifarRecordBytes: number = 1 + imageBytes;

/** The records of a binary CIFAR-10 file. */
export interface CifarRecords {
  readonly count: number;
  /** uint8 `[count, 3, 32, 32]`. */
  readonly images: Uint8Array;
  /** uint8 `[count]`, each below 10. */
  readonly labels: Uint8Array;
  /** Bytes after the last whole record: not 0 in a file that was cut inside one. */
  readonly restBytes: number;
}

/** What bytes without a valid first label are likely to be. */
function likely(bytes: Uint8Array): string {
  if (isGzip(bytes)) return '. This is gzip: unpack it first';
  if (bytes[0] === 0x80) return '. This is the Python version: take the binary version';
  return ', so these are no records of CIFAR-10, or corrupted ones';
}

/**
 * The records of a binary CIFAR-10 file: `[label, red plane, green plane, blue plane]` of 3,073 bytes, without a header. How
 * many there are is the file's size to say, so a shorter file is as good as a whole one; bytes after the last whole record
 * are left out and counted.
 *
 * @param source - what the bytes are called in errors, such as a path
 * @throws DataError if there is no whole record, or a label is not in 0 ... 9; the message says at which byte
 * @see Krizhevsky 2009, https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function decodeCifar(bytes: Uint8Array, source = 'CIFAR-10 data'): CifarRecords {
  const fail = (rest: string) => new DataError(`decodeCifar: ${source} ${rest}`);
  const count = Math.floor(bytes.length / cifarRecordBytes);
  if (count === 0)
    throw fail(
      `must hold at least one record of ${cifarRecordBytes} bytes, got ${bytes.length} bytes (truncated)`,
    );
  const images = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * cifarRecordBytes;
    const label = bytes[at]!;
    if (label >= cifar10Classes.length) {
      const reason = i === 0 ? likely(bytes) : ' (corrupted)';
      throw fail(
        `must have a label in 0 ... 9 at the start of each record, got ${label} at byte ${at}, record ${i}${reason}`,
      );
    }
    labels[i] = label;
    images.set(bytes.subarray(at + 1, at + cifarRecordBytes), i * imageBytes);
  }
  return { count, images, labels, restBytes: bytes.length % cifarRecordBytes };
}

/** Files one after another as one set; of one file a view. */
function joined(parts: readonly CifarRecords[]): ExampleSet {
  const [first] = parts;
  if (first && parts.length === 1)
    return { count: first.count, examples: first.images, labels: first.labels };
  const count = parts.reduce((total, part) => total + part.count, 0);
  const examples = new Uint8Array(count * imageBytes);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    examples.set(part.images, at * imageBytes);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { count, examples, labels };
}

function range({ examples, labels }: ExampleSet, first: number, end: number): ExampleSet {
  return {
    count: end - first,
    examples: examples.subarray(first * imageBytes, end * imageBytes),
    labels: labels!.subarray(first, end),
  };
}

/**
 * The parts of CIFAR-10 as the released recipes split it: of the 50,000 training records the first 40,000 to train on, the
 * last 10,000 to validate. Of fewer records the first four fifths and the last fifth.
 *
 * @param training - the training files in their order, at least one
 * @param test - the test file; without one the test set is empty
 */
export function cifarParts(
  training: readonly CifarRecords[],
  test?: CifarRecords,
): Record<'train' | 'validation' | 'test', ExampleSet> {
  const all = joined(training);
  const split = Math.floor(0.8 * all.count);
  return {
    train: range(all, 0, split),
    validation: range(all, split, all.count),
    test: joined(test ? [test] : []),
  };
}
