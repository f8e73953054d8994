import { closeSync, openSync, readSync } from 'node:fs';
import type { LogEntry } from '../train/disk/json-lines.ts';

/** The last whole lines of a text file, as many as fit into so many bytes; none where it cannot be read. */
export function lastLines(path: string, sizeBytes: number, tailBytes: number): string[] {
  const length = Math.min(sizeBytes, tailBytes);
  if (length === 0) return [];
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(length);
      const read = readSync(file, buffer, 0, length, sizeBytes - length);
      const lines = buffer.toString('utf8', 0, read).split('\n');
      // What precedes the first line break may be half a line, what follows the last one is not written out yet.
      return lines.slice(length < sizeBytes ? 1 : 0, -1);
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
}

/** A line of a log; undefined where it is none. */
export function parseLine(line: string): LogEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<LogEntry> | null;
    const isEntry = typeof entry === 'object' && entry !== null && typeof entry.step === 'number';
    return isEntry && Number.isSafeInteger(entry.step) && entry.step! >= 0 ? (entry as LogEntry) : undefined;
  } catch {
    return undefined;
  }
}
