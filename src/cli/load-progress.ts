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
 * Shows what happens while a data set is loaded: on a terminal one live bar for each file, else a line when a file starts
 * and a line for each notice. Give it to `loadDataset` as `onProgress`.
 */
export function loadProgress(stream: TextStream): (event: LoadEvent) => void {
  let file: string | undefined;
  let drawn = 0;
  let isOpen = false;
  const line = (text: string) => {
    stream.write(`${isOpen ? '\r\u001b[K' : ''}${text}\n`);
    isOpen = false;
  };
  return (event) => {
    if (event.kind === 'notice') return line(event.message);
    const { receivedBytes, totalBytes, url } = event;
    if (!stream.isTTY) {
      if (event.file !== file) line(`downloading ${url} (${megabytes(totalBytes)} MB)`);
      file = event.file;
      return;
    }
    const isWhole = receivedBytes === totalBytes;
    const now = Date.now();
    if (event.file === file && !isWhole && now - drawn < redrawMs) return;
    [file, drawn] = [event.file, now];
    const sizes = `${megabytes(receivedBytes)} / ${megabytes(totalBytes)} MB`;
    const text = `${event.file} ${bar(receivedBytes / totalBytes)} ${sizes}`;
    if (isWhole) return line(text);
    stream.write(`\r\u001b[K${text}`);
    isOpen = true;
  };
}
