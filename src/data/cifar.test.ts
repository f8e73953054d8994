import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DataError } from '../errors.ts';
import { cifarParts, cifarRecordBytes, decodeCifar } from './cifar.ts';

/** Records whose pixels say where they are: plane, row and column, and in the first pixel which record. */
function records(labels: readonly number[]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, record) => {
      const pixels = [0, 1, 2].flatMap((plane) =>
        Array.from({ length: 1024 }, (_, i) => 64 * plane + (i >> 5) + (i & 31)),
      );
      pixels[0] = record;
      return [label, ...pixels];
    }),
  );
}

describe('decodeCifar', () => {
  it('reads label and planes of each record', () => {
    const { count, images, labels, restBytes } = decodeCifar(records([3, 0, 9]));
    expect([count, restBytes, ...labels]).toEqual([3, 0, 3, 0, 9]);
    expect(images).toHaveLength(3 * 3072);
    const pixel = (n: number, plane: number, row: number, column: number) =>
      images[((n * 3 + plane) * 32 + row) * 32 + column];
    expect([pixel(2, 0, 0, 0), pixel(1, 0, 5, 7), pixel(1, 1, 5, 7), pixel(2, 2, 31, 30)]).toEqual([
      2,
      12,
      64 + 12,
      128 + 61,
    ]);
  });

  it('takes the whole records of a cut file and counts the rest', () => {
    const cut = records([1, 2, 3]).subarray(0, 2 * cifarRecordBytes + 100);
    expect(decodeCifar(cut)).toMatchObject({ count: 2, restBytes: 100 });
  });

  it.each([
    [new Uint8Array(0), /^decodeCifar: f\.bin must hold at least one record of 3073 bytes, got 0 bytes/],
    [new Uint8Array(3072), /got 3072 bytes \(truncated\)$/],
    [records([1, 10]), /must have a label in 0 \.\.\. 9 .*, got 10 at byte 3073, record 1 \(corrupted\)$/],
    [records([0, 0]).subarray(2000), /got 109 at byte 0, record 0, so these are no records/],
    [records([0x80]), /got 128 at byte 0, record 0\. This is the Python version: take the binary version$/],
    [Uint8Array.from([...gzipSync(records([1])), ...new Uint8Array(4000)]), /This is gzip: unpack it first$/],
    [new Uint8Array(5000).fill(0x67), /got 103 at byte 0, record 0, so these are no records of CIFAR-10/],
  ])('says what is wrong, case %#', (bytes, message) => {
    expect(() => decodeCifar(bytes, 'f.bin')).toThrow(DataError);
    expect(() => decodeCifar(bytes, 'f.bin')).toThrow(message);
  });
});

describe('cifarParts', () => {
  it('trains on the first four fifths and validates on the last, across files', () => {
    const files = [records([0, 1, 2, 3]), records([4, 5, 6, 7, 8, 9])].map((bytes) => decodeCifar(bytes));
    const { train, validation, test } = cifarParts(files, decodeCifar(records([5])));
    expect([...train.labels!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...validation.labels!]).toEqual([8, 9]);
    // The first pixel of each record is its number within its file.
    expect(Array.from({ length: 8 }, (_, i) => train.examples[i * 3072])).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
    expect(Array.from({ length: 2 }, (_, i) => validation.examples[i * 3072])).toEqual([4, 5]);
    expect(test).toMatchObject({ count: 1 });
    expect(cifarParts(files).test).toMatchObject({ count: 0 });
  });

  it('splits the 50,000 records of the whole set as the released recipes do', () => {
    const [images, labels] = [new Uint8Array(50_000 * 3072), new Uint8Array(50_000)];
    const { train, validation } = cifarParts([{ count: 50_000, images, labels, restBytes: 0 }]);
    expect([train.count, validation.count]).toEqual([40_000, 10_000]);
    expect(validation.examples.byteOffset).toBe(40_000 * 3072);
  });
});
