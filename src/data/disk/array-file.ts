import { basename } from 'node:path';
import { DataError } from '../../errors.ts';
import { decodeNpy } from '../../io/npy.ts';
import { datasetFromArray, type NumericArray } from '../array-dataset.ts';
import type { FiniteDataset } from '../dataset.ts';
import { decodeIdx, decodeIdxImages, decodeLabelledImages, type IdxFile, isIdx } from '../idx.ts';
import { readFileIfAny } from './read-file.ts';
import { unpack } from './unpack.ts';

/** `faces` for `some/where/faces.npy` and for `faces-images-idx3-ubyte.gz`. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.npy$/, '')
    .replace(/[-.](images[-.])?idx\d-ubyte$/, '');
}

const isNpy = (bytes: Uint8Array) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55;

function decodeArray(bytes: Uint8Array, path: string): NumericArray {
  if (isIdx(bytes)) {
    const array = decodeIdx(bytes, path);
    // Labels by themselves: the reader of images says so.
    if (array.dtype === 'uint8' && array.shape.length === 1) decodeIdxImages(bytes, path);
    return array;
  }
  if (!isNpy(bytes)) {
    const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DataError(
      `loadDataset: ${path} must be an IDX or .npy file (which start with 00 00 or 93 4e), got ${bytes.length === 0 ? 'no bytes' : `${first} at byte 0`}`,
    );
  }
  try {
    return decodeNpy(bytes);
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${error.message} (${path})`, { cause: error });
    throw error;
  }
}

/** The file of labels beside an images file and named after it, as in MNIST; undefined where there is none. */
async function labelsBeside(path: string): Promise<IdxFile | undefined> {
  const name = basename(path);
  const labelName = name.replace(/images([-.])idx3/, 'labels$1idx1');
  if (labelName === name) return undefined;
  const source = path.slice(0, -name.length) + labelName;
  const bytes = await readFileIfAny(source);
  return bytes && { bytes: await unpack(bytes, source), source };
}

/**
 * The data set in an IDX or .npy file, plain or gzip, told apart by their first bytes; `datasetFromArray` says which
 * arrays fit. An IDX file named `...images-idx3...` takes its labels from `...labels-idx1...` beside it.
 *
 * @throws DataError if the file is missing, truncated, corrupted, a folder, or holds something else
 */
export async function loadArrayFile(path: string): Promise<FiniteDataset> {
  const stored = await readFileIfAny(path);
  if (!stored) throw new DataError(`loadDataset: ${path} must exist, got no file there`);
  const images = { bytes: await unpack(stored, path), source: path };
  const array = decodeArray(images.bytes, path);
  const beside = await labelsBeside(path);
  const labels = beside && decodeLabelledImages(images, beside).labels;
  return datasetFromArray(array, { name: nameOf(path), source: path, ...(labels && { labels }) });
}
