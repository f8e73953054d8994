import { stat } from 'node:fs/promises';
import { type Finding, findingsOf } from '../train/diagnosis.ts';
import { eachLine, fileIdentity, readChunks } from './log-chunks.ts';
import { parseLine } from './log-tail.ts';

/** A training that finds more than this has said enough. */
const MOST_FINDINGS = 1000;

const marker = Buffer.from('"diagnosis"');

/**
 * The findings in a run's log, read as it grows. They are rare, and looked for byte by byte: a log of 100,000 steps takes ten
 * milliseconds, where parsing its lines would take two hundred.
 */
export class FindingsScan {
  readonly #path: string;
  #found: Finding[] = [];
  #offset = 0;
  #file: string | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** What has been found so far, in its order. */
  get findings(): readonly Finding[] {
    return this.#found;
  }

  /** Reads what has been added since. One reader at a time. @throws where the log cannot be read */
  catchUp(): Promise<void> {
    this.#reading = this.#reading.then(
      () => this.#readOn(),
      () => this.#readOn(),
    );
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    const found = await stat(this.#path).catch(() => undefined);
    const file = found && fileIdentity(found);
    if (file !== this.#file || (found && found.size < this.#offset)) {
      this.#found = [];
      this.#offset = 0;
      this.#file = file;
    }
    if (!found || found.size === this.#offset) return;
    this.#offset = await readChunks(this.#path, this.#offset, undefined, (lines) => this.#look(lines));
  }

  #look(lines: Buffer): void {
    for (let at = lines.indexOf(marker); at >= 0; ) {
      const begin = lines.lastIndexOf(10, at) + 1;
      const end = lines.indexOf(10, at);
      eachLine(lines.subarray(begin, end + 1), 0, (line) => {
        if (this.#found.length < MOST_FINDINGS) this.#found.push(...findingsOf([parseLine(line)]));
      });
      at = lines.indexOf(marker, end);
    }
  }
}

/** The findings that have begun and not ended, oldest first. */
export function standingFindings(findings: readonly Finding[]): readonly Finding[] {
  const standing = new Map<string, Finding>();
  for (const finding of findings) {
    standing.delete(finding.condition);
    if (finding.state === 'begins') standing.set(finding.condition, finding);
  }
  return [...standing.values()];
}
