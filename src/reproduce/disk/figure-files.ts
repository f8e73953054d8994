import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { svgToPng } from '../../figures/svg-png.ts';
import { fileError, systemCode } from '../../train/disk/file-error.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import type { Figure } from '../statement.ts';

/**
 * Makes the folder of a reproduction, before anything is computed for it.
 *
 * @throws DataError where the system does not let it
 */
export async function makeFolder(caller: string, out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? ''))
      throw new DataError(`${caller}: ${out} must be a folder, got a file there. Name another with --out`, {
        cause: error,
      });
    throw fileError(`${caller}: ${out} must be a folder that can be written`, error);
  }
}

/**
 * Writes figures as SVG and as PNG, twice as many pixels across as the SVG has points.
 *
 * @returns the paths, in the order of the figures
 */
export async function writeFigures(
  caller: string,
  out: string,
  figures: readonly Figure[],
): Promise<string[]> {
  const paths: string[] = [];
  for (const { name, svg } of figures) {
    const path = join(out, name);
    await replaceFile(caller, `${path}.svg`, svg);
    await replaceFile(caller, `${path}.png`, svgToPng(svg));
    paths.push(`${path}.svg`, `${path}.png`);
  }
  return paths;
}
