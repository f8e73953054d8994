import type { Dataset } from '../../data/dataset.ts';
import type { Game } from '../../gan/game.ts';
import type { Tensors } from '../../graph/tensor.ts';
import type { Session } from '../../runtime/session.ts';
import { JsonLinesLog, type LogEntry, readLog } from './json-lines.ts';

/** A generator in training, as it is handed to whoever measures it. */
export interface EvaluatedGenerator {
  readonly game: Game;
  readonly variables: Tensors;
  readonly dataset: Dataset;
  /** The training's own: programs may be compiled in it under other names than the training's. */
  readonly session: Session;
  readonly seed: number;
}

/**
 * Measuring while a run trains. What is measured comes from outside: training knows no measure, and no measure changes what
 * is trained.
 */
export interface ProgressEvaluation {
  /** Steps between two measurements; the last step is measured as well. */
  readonly every: number;
  /** The measure by which the best checkpoint is kept for good. Default: none is. */
  readonly best?: string | undefined;
  /** Called before a folder is made. @throws ConfigError where data and game do not allow a measure */
  check(dataset: Dataset, game: Game): void;
  /** @returns one number for each measure, by name */
  measure(generator: EvaluatedGenerator): Promise<Readonly<Record<string, number>>>;
  /** Whether the first value of `best` is better than the second. */
  isBetter(name: string, value: number, than: number): boolean;
}

/** The generator was measured. */
export interface EvaluatedEvent {
  readonly type: 'evaluated';
  readonly step: number;
  /** One number for each measure. */
  readonly values: Readonly<Record<string, number>>;
  /** Whether the run has not been better so far; absent where no best is asked for. */
  readonly best?: boolean;
}

interface BestStep {
  readonly step: number;
  readonly value: number;
}

/** What measures say along the way: the lines of `evaluations.jsonl`, and the best step of them. */
export class MeasuredCurve {
  readonly log: JsonLinesLog;
  readonly #evaluation: ProgressEvaluation;
  #best: BestStep | undefined;

  private constructor(log: JsonLinesLog, evaluation: ProgressEvaluation, best: BestStep | undefined) {
    this.log = log;
    this.#evaluation = evaluation;
    this.#best = best;
  }

  /** Goes on with the curve in a log. @throws DataError where it cannot be read or written */
  static async open(path: string, evaluation: ProgressEvaluation): Promise<MeasuredCurve> {
    const best = bestOf(await readLog(path), evaluation);
    return new MeasuredCurve(await JsonLinesLog.open(path), evaluation, best);
  }

  /** The step whose checkpoint stays because no other was better. */
  get bestStep(): number | undefined {
    return this.#best?.step;
  }

  isDue(step: number, last: number): boolean {
    return step % this.#evaluation.every === 0 || step === last;
  }

  /** Measures the generator of a step and adds the line to the log, for the next `flush`. */
  async measure(step: number, generator: EvaluatedGenerator): Promise<EvaluatedEvent> {
    const { best: name, isBetter } = this.#evaluation;
    const values = await this.#evaluation.measure(generator);
    this.log.append({ step, ...values });
    if (name === undefined) return { type: 'evaluated', step, values };
    const value = values[name];
    const best = value !== undefined && (!this.#best || isBetter(name, value, this.#best.value));
    if (best) this.#best = { step, value };
    return { type: 'evaluated', step, values, best };
  }
}

/** The best step of the measurements in a log; undefined where none has the measure, or none is asked for. */
function bestOf(
  log: readonly LogEntry[],
  { best, isBetter }: Pick<ProgressEvaluation, 'best' | 'isBetter'>,
): BestStep | undefined {
  if (best === undefined) return undefined;
  let found: BestStep | undefined;
  for (const { step, [best]: value } of log)
    if (typeof value === 'number' && (!found || isBetter(best, value, found.value))) found = { step, value };
  return found;
}
