import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What is read at once: ten milliseconds of work, after which others have their turn. */
const CHUNK_BYTES = 2 ** 20;

const LINE_BREAK = 10;

/**
 * Reads a log from a place on, in pieces of whole lines. What follows the last line break is not written out yet and stays; a
 * line of more than a mebibyte is none of ours and is passed over.
 *
 * @param begin - where a line begins
 * @param end - where to stop; default the end of the file
 * @param visit - gets whole lines, and where the first of them begins in the file. The buffer is used again afterwards
 * @returns where the next line begins
 */
export async function readChunks(
  path: string,
  begin: number,
  end: number | undefined,
  visit: (lines: Buffer, offset: number) => void,
): Promise<number> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let offset = begin;
    let passingOver = false;
    for (;;) {
      const wanted = end === undefined ? CHUNK_BYTES : Math.min(CHUNK_BYTES, end - offset);
      if (wanted <= 0) return offset;
      const { bytesRead } = await file.read(buffer, 0, wanted, offset);
      const read = buffer.subarray(0, bytesRead);
      const last = read.lastIndexOf(LINE_BREAK);
      if (last < 0) {
        if (bytesRead < CHUNK_BYTES) return offset;
        passingOver = true;
        offset += bytesRead;
        continue;
      }
      const first = passingOver ? read.indexOf(LINE_BREAK) + 1 : 0;
      passingOver = false;
      visit(read.subarray(first, last + 1), offset + first);
      offset += last + 1;
      await nextTurn();
    }
  } finally {
    await file.close();
  }
}

/** Which file stands at a path: a run that is resumed replaces its logs. */
export function fileIdentity({ dev, ino, birthtimeMs }: Stats): string {
  return `${dev}/${ino}/${birthtimeMs}`;
}

/** Calls `visit` with each line of a piece and with where it begins in the file. */
export function eachLine(lines: Buffer, offset: number, visit: (line: string, at: number) => void): void {
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(LINE_BREAK, at);
    visit(lines.toString('utf8', at, end), offset + at);
    at = end + 1;
  }
}
