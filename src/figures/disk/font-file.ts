import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzlibSync } from 'fflate';
import { fontPieces } from '../font.ts';

/** The family that the file holds. */
export const fontFamily = 'DejaVu Sans';

/**
 * Path of the font of figures as a TrueType file, which is what the renderer reads: written to the system's folder for
 * temporary files when it is not there yet, under a name made of its content.
 */
export function fontFile(): string {
  const bytes = unzlibSync(Buffer.from(fontPieces.join(''), 'base64'));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), 'zerosum-fonts');
  const path = join(folder, `dejavu-sans-${hash}.ttf`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    // Renamed when whole: another process may look for it at the same moment.
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  }
  return path;
}
