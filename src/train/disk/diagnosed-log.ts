import type { Minibatches } from '../../data/minibatches.ts';
import type { Game } from '../../gan/game.ts';
import type { Tensor } from '../../graph/tensor.ts';
import {
  Diagnosis,
  type DiagnosisEvent,
  type Finding,
  findingEntry,
  nonFiniteFinding,
} from '../diagnosis.ts';
import { loggedFigures } from '../logged-figures.ts';
import type { NonFiniteError } from '../non-finite.ts';
import { type SheetSpread, sheetSpread } from '../sheet-spread.ts';
import type { Metrics } from '../trainer.ts';
import { JsonLinesLog, readLog } from './json-lines.ts';

/** How often a run's log has a line of a kind, in steps. */
export interface LogCadence {
  readonly logEvery: number;
  readonly sampleEvery: number;
}

/**
 * `metrics.jsonl`: a line for each step, one for each sheet of samples, and one for each finding behind the line that
 * shows it. What is found is made from the lines alone, those of a resumed run included, so that its log becomes the one
 * that it would have been without a stop.
 */
export class DiagnosedLog {
  readonly #log: JsonLinesLog;
  readonly #diagnosis: Diagnosis;
  readonly #spreadOf: SheetSpread;
  readonly #cadence: LogCadence;
  /** Whether the log begins with the sheet of step 0: a run that goes on from there draws it again. */
  readonly #hasFirstSheet: boolean;

  private constructor(
    log: JsonLinesLog,
    diagnosis: Diagnosis,
    spreadOf: SheetSpread,
    cadence: LogCadence,
    hasFirstSheet: boolean,
  ) {
    this.#log = log;
    this.#diagnosis = diagnosis;
    this.#spreadOf = spreadOf;
    this.#cadence = cadence;
    this.#hasFirstSheet = hasFirstSheet;
  }

  /** Opens the log of a run, to go on behind what it holds. @throws DataError where it cannot be read or written */
  static async open(
    path: string,
    game: Game,
    minibatches: Minibatches,
    cadence: LogCadence,
  ): Promise<DiagnosedLog> {
    const entries = await readLog(path);
    const diagnosis = new Diagnosis(game);
    for (const entry of entries) diagnosis.hear(entry);
    return new DiagnosedLog(
      await JsonLinesLog.open(path),
      diagnosis,
      sheetSpread(game, minibatches),
      cadence,
      entries[0]?.step === 0,
    );
  }

  /** Adds the steps of a chunk that are due, and returns what they show. */
  steps(rows: readonly Metrics[]): DiagnosisEvent[] {
    return rows
      .filter(({ step }) => step % this.#cadence.logEvery === 0)
      .flatMap((row) => {
        const figures = loggedFigures(row);
        this.#log.append(figures);
        return this.#add(this.#diagnosis.step(figures));
      });
  }

  /** Adds a sheet where it is due (the one at a run's end is not in the log of a longer run), and returns what it shows. */
  sheet(step: number, samples: Tensor<'float32'>): DiagnosisEvent[] {
    if (step % this.#cadence.sampleEvery !== 0 || (step === 0 && this.#hasFirstSheet)) return [];
    const spread = this.#spreadOf(samples);
    if (!spread) return [];
    const figures = loggedFigures({ step, ...spread });
    this.#log.append(figures);
    return this.#add(this.#diagnosis.sheet(figures));
  }

  /** Adds the finding that a training has failed, and returns it. */
  failure(error: NonFiniteError): DiagnosisEvent[] {
    return this.#add([nonFiniteFinding(error)]);
  }

  #add(findings: readonly Finding[]): DiagnosisEvent[] {
    for (const finding of findings) this.#log.append(findingEntry(finding));
    return findings.map((finding) => ({ type: 'diagnosis', ...finding }));
  }

  /** See `JsonLinesLog.flush`. */
  flush(options?: { readonly durable: boolean }): Promise<void> {
    return this.#log.flush(options);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
