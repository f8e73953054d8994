import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { DataError } from '../../../errors.ts';
import type { DecodedImage, PixelReading } from './decode-image.ts';
import { contentDigest } from './file-contents.ts';

/** One decoded picture in a pixel file. */
export interface StoredPixels extends Omit<DecodedImage, 'pixels'> {
  /** Its place in the file, from 0. */
  readonly row: number;
  /** SHA-256 (hex) of its pixels. */
  readonly digest: string;
}

/** What a pixel file says of itself, at its end. */
interface Manifest {
  readonly size: number;
  readonly planes: 1 | 3;
  /** SHA-256 (hex) of the files that the pictures came from, one after another without anything between them. */
  readonly contents: string;
  /** SHA-256 (hex) of the pictures' pixels, in the same way. */
  readonly digests: string;
  /** A figure for each picture: `1` where it is grey, and `2` more where it is enlarged. */
  readonly facts: string;
  /** Why files could not be decoded, by the SHA-256 of their content. */
  readonly faults: readonly (readonly [content: string, reason: string])[];
}

// A plane is followed by its CRC-32, the manifest by its length, its CRC-32 and these bytes, which end every whole file.
const ENDING = 'zspixel1';
const TRAILER_BYTES = 8 + ENDING.length;
const CRC_BYTES = 4;

/** Hexadecimal figures of a SHA-256. */
const DIGEST_LENGTH = 64;

const planeBytes = (size: number) => size * size + CRC_BYTES;

/** Closes the files of sets that nobody holds any more. */
const abandoned = new FinalizationRegistry<number>((descriptor) => closeSync(descriptor));

/** Reads images out of an open pixel file. It holds nothing else, so that memory does not grow with their number. */
export class PixelReader {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #size: number;
  readonly #planes: 1 | 3;
  readonly #stored: Uint8Array;
  readonly #sums: DataView;

  /** Takes over the `descriptor` that the manifest was read from: another file may have taken its `path` since. */
  constructor(path: string, descriptor: number, { size, planes }: Pick<Manifest, 'size' | 'planes'>) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.#size = size;
    this.#planes = planes;
    this.#stored = new Uint8Array(planes * planeBytes(size));
    this.#sums = new DataView(this.#stored.buffer);
    abandoned.register(this, this.#descriptor);
  }

  /**
   * Writes the image in `row` into `out` at element `offset`, [planes, size, size]; of a grey one a single plane if `planes`
   * is 1.
   *
   * @throws DataError where the file has been damaged since it was written
   */
  read(row: number, planes: 1 | 3, out: Uint8Array, offset: number): void {
    const length = this.#size ** 2;
    const bytes = planeBytes(this.#size);
    // Green carries most of the luminance: it stands for an image without colour.
    const from = planes < this.#planes ? 1 : 0;
    const place = (row * this.#planes + from) * bytes;
    const read = readSync(this.#descriptor, this.#stored, 0, planes * bytes, place);
    for (let plane = 0; plane < planes; plane++) {
      const pixels = this.#stored.subarray(plane * bytes, plane * bytes + length);
      if (read !== planes * bytes || crc32(pixels) !== this.#sums.getUint32(plane * bytes + length, true))
        throw new DataError(
          `pixel cache: ${this.#path} must hold image ${row} as it was written, got a damaged one. Delete the file: it is made again from the images`,
        );
      out.set(pixels, offset + plane * length);
    }
  }
}

/** Pictures of one size, decoded, in a file from which any of them is read by itself. */
export interface PixelFile {
  readonly reader: PixelReader;
  /** By the SHA-256 of the files that they came from. */
  readonly images: ReadonlyMap<string, StoredPixels>;
  /** Why files could not be decoded, by the SHA-256 of their content. */
  readonly faults: ReadonlyMap<string, string>;
}

/**
 * Opens a pixel file; undefined where there is none.
 *
 * @throws DataError where it is cut or damaged
 */
export function openPixelFile(path: string): PixelFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new DataError(`pixel cache: ${path} must be readable, got ${code}`, { cause: error });
  }
  try {
    const manifest = readManifest(descriptor, path);
    const { contents, digests, facts, faults } = manifest;
    const images = new Map<string, StoredPixels>();
    for (let row = 0; row < facts.length; row++) {
      const bits = Number(facts[row]);
      const [isGrey, isEnlarged] = [(bits & 1) > 0, (bits & 2) > 0];
      images.set(digestAt(contents, row), { row, digest: digestAt(digests, row), isGrey, isEnlarged });
    }
    return { reader: new PixelReader(path, descriptor, manifest), images, faults: new Map(faults) };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

const digestAt = (digests: string, row: number) =>
  digests.slice(row * DIGEST_LENGTH, (row + 1) * DIGEST_LENGTH);

function readManifest(descriptor: number, path: string): Manifest {
  const fail = (got: string, cause?: unknown) =>
    new DataError(`pixel cache: ${path} must be a whole pixel file, got ${got}`, { cause });
  const { size: length } = fstatSync(descriptor);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  if (length < TRAILER_BYTES) throw fail(`${length} bytes`);
  readSync(descriptor, trailer, 0, TRAILER_BYTES, length - TRAILER_BYTES);
  if (trailer.toString('latin1', 8) !== ENDING) throw fail('another end');
  const bytes = trailer.readUInt32LE(0);
  const start = length - TRAILER_BYTES - bytes;
  if (start < 0) throw fail(`a manifest of ${bytes} bytes in a file of ${length}`);
  const text = Buffer.alloc(bytes);
  readSync(descriptor, text, 0, bytes, start);
  if (crc32(text) !== trailer.readUInt32LE(4)) throw fail('a damaged manifest');
  const manifest = JSON.parse(text.toString()) as Manifest;
  const rows = manifest.facts.length * manifest.planes * planeBytes(manifest.size);
  if (rows !== start) throw fail(`${start} bytes of pixels in place of ${rows}`);
  return manifest;
}

/** Writes a pixel file, which is there when it is whole. */
export class PixelFileWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  readonly #reading: PixelReading;
  readonly #contents: string[] = [];
  readonly #digests: string[] = [];
  #facts = '';
  readonly #faults: [string, string][] = [];

  private constructor(path: string, temporary: string, handle: FileHandle, reading: PixelReading) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
    this.#reading = reading;
  }

  /** @throws the system's error where the file cannot be made */
  static async create(path: string, reading: PixelReading): Promise<PixelFileWriter> {
    const temporary = `${path}.${process.pid}-${performance.now()}`;
    return new PixelFileWriter(path, temporary, await open(temporary, 'wx'), reading);
  }

  /** Appends the picture that the file with this SHA-256 shows. @throws the system's error where it cannot be written */
  async add(content: string, { pixels, isGrey, isEnlarged }: DecodedImage): Promise<void> {
    const { size, planes } = this.#reading;
    const row = this.#contents.push(content) - 1;
    this.#digests.push(contentDigest(pixels));
    this.#facts += Number(isGrey) + 2 * Number(isEnlarged);
    const bytes = planeBytes(size);
    const stored = Buffer.alloc(planes * bytes);
    for (let plane = 0; plane < planes; plane++) {
      const shown = pixels.subarray(plane * size * size, (plane + 1) * size * size);
      stored.set(shown, plane * bytes);
      stored.writeUInt32LE(crc32(shown), plane * bytes + size * size);
    }
    await writeAt(this.#handle, stored, row * stored.length);
  }

  /** Notes why the file with this SHA-256 cannot be decoded, so that nobody tries again. */
  addFault(content: string, reason: string): void {
    this.#faults.push([content, reason]);
  }

  /** Ends the file and puts it in its place. @throws the system's error where it cannot be written */
  async finish(): Promise<void> {
    const { size, planes } = this.#reading;
    const [contents, digests] = [this.#contents.join(''), this.#digests.join('')];
    const [facts, faults] = [this.#facts, this.#faults];
    const manifest: Manifest = { size, planes, contents, digests, facts, faults };
    const text = Buffer.from(JSON.stringify(manifest));
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.writeUInt32LE(text.length, 0);
    trailer.writeUInt32LE(crc32(text), 4);
    trailer.write(ENDING, 8, 'latin1');
    const end = facts.length * planes * planeBytes(size);
    await writeAt(this.#handle, Buffer.concat([text, trailer]), end);
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#temporary, this.#path);
  }

  /** Gives the file up; what was written of it is deleted. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined);
  }
}

/** A full disk takes a part of the bytes before it refuses the rest. */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
