import type { LoadEvent } from '../data/disk/load-options.ts';

/** Where a command writes: results to `stdout`, talk to `stderr`. `process` is one. */
export interface CommandStreams {
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

/** The part of a Node stream that the commands use. */
export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const barWidth = 24;
const redrawMs = 100;

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

function bar(fraction: number): string {
  const full = Math.round(fraction * barWidth);
  return `[${'='.repeat(full)}${' '.repeat(barWidth - full)}]`;
}

/**
 * Shows what happens while a data set is loaded: on a terminal one live bar for each file, and for a folder's images, else a
 * line when one of these starts, and a line for each notice. Give it to `loadDataset` as `onProgress`.
 */
export function loadProgress(stream: TextStream): (event: LoadEvent) => void {
  let shown: string | undefined;
  let drawn = 0;
  let isOpen = false;
  const line = (text: string) => {
    stream.write(`${isOpen ? '\r\u001b[K' : ''}${text}\n`);
    isOpen = false;
  };
  return (event) => {
    if (event.kind === 'notice') return line(event.message);
    const { name, start, done, total, sizes } = stretchOf(event);
    const isNew = name !== shown;
    shown = name;
    if (!stream.isTTY) {
      if (isNew && start !== undefined) line(start);
      return;
    }
    const isWhole = done === total;
    const now = Date.now();
    if (!isNew && !isWhole && now - drawn < redrawMs) return;
    drawn = now;
    const text = `${name} ${bar(done / total)} ${sizes}`;
    if (isWhole && start !== undefined) return line(text);
    // Looking at what is there is nothing to leave a line about.
    stream.write(`\r\u001b[K${isWhole ? '' : text}`);
    isOpen = !isWhole;
  };
}

/** Something that takes its time: what it is called, what is said when it starts, and how far it has come. */
function stretchOf(event: Exclude<LoadEvent, { kind: 'notice' }>) {
  if (event.kind === 'images') {
    const { what, done, total } = event;
    const sizes = `${done.toLocaleString('en')} / ${total.toLocaleString('en')}`;
    const start = what === 'decoding' ? `decoding ${total.toLocaleString('en')} images` : undefined;
    return { name: `${what} images`, start, done, total, sizes };
  }
  const { file, url, receivedBytes: done, totalBytes: total } = event;
  const sizes = `${megabytes(done)} / ${megabytes(total)} MB`;
  return { name: file, start: `downloading ${url} (${megabytes(total)} MB)`, done, total, sizes };
}
