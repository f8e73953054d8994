import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Session } from '../../runtime/session.ts';
import { fileError } from '../../train/disk/file-error.ts';
import type { FeatureExtractor } from '../feature-extractor.ts';
import { userFeatures } from '../user-features.ts';

/**
 * The feature extractor in an ONNX file; what the file must look like says `userFeatures`.
 *
 * @param exampleShape - of the images that will come, `[C, H, W]`
 * @throws DataError where the file cannot be read; as `userFeatures`
 */
export async function loadUserFeatures(
  path: string,
  { exampleShape, session }: { readonly exampleShape: readonly number[]; readonly session: Session },
): Promise<FeatureExtractor> {
  let model: Uint8Array;
  try {
    model = await readFile(path);
  } catch (error) {
    throw fileError(`loadUserFeatures: ${path} must be an ONNX file that can be read`, error);
  }
  return userFeatures({ model, name: basename(path), exampleShape, session });
}
