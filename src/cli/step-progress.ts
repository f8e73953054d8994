import type { TextStream } from './load-progress.ts';

/** How the steps of a command's trainings and searches are told to somebody. */
export interface StepProgress {
  /** So many of so many steps of something: a live line on a terminal, a plain one every 10 s elsewhere. */
  step(what: string, done: number, of: number): void;
  /** A line of its own. */
  say(message: string): void;
  /** Leaves the terminal in order. */
  end(): void;
}

const PLAIN_MS = 10_000;

/** @param stream - where to write: standard error */
export function stepProgress(stream: TextStream): StepProgress {
  let live = false;
  let last = performance.now();
  const clear = (): string => {
    const text = live ? '\r\u001b[K' : '';
    live = false;
    return text;
  };
  return {
    step(what, done, of) {
      const line = `${what} ${done} / ${of}`;
      if (stream.isTTY) {
        stream.write(`${clear()}${line}`);
        live = true;
      } else if (performance.now() - last > PLAIN_MS) {
        last = performance.now();
        stream.write(`${line}\n`);
      }
    },
    say: (message) => stream.write(`${clear()}${message}\n`),
    end: () => stream.write(clear()),
  };
}
