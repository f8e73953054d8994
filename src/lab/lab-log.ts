import type { Metrics } from '../train/chunk.ts';
import type { LabGame } from './lab-game.ts';
import type { LabHistory, LabNumbers } from './lab-protocol.ts';

/** The part of the numbers that training logs. */
type LoggedNumbers = Pick<
  LabNumbers,
  'lossD' | 'lossG' | 'dReal' | 'dFake' | 'gradNormD' | 'gradNormG' | 'gradientStep'
>;

const nothing: LoggedNumbers = {
  lossD: Number.NaN,
  lossG: Number.NaN,
  dReal: Number.NaN,
  dFake: Number.NaN,
  gradNormD: Number.NaN,
  gradNormG: Number.NaN,
  gradientStep: Number.NaN,
};

/** Speed is taken over so long. */
const SPEED_MS = 1000;

/** What was logged of a game since the page last took it, and how fast it goes. */
export class LabLog {
  #numbers: LoggedNumbers = nothing;
  #rows: Metrics[] = [];
  /** When how many steps were done. */
  #marks: { readonly at: number; readonly step: number }[] = [];

  /** As they were last logged. */
  get numbers(): LoggedNumbers {
    return this.#numbers;
  }

  /** Over the last second of play. */
  get stepsPerSecond(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.at <= first.at) return 0;
    return ((last.step - first.step) * 1000) / (last.at - first.at);
  }

  clear(): void {
    this.#numbers = nothing;
    this.#rows = [];
    this.#marks = [];
  }

  /** Play begins. */
  startClock(): void {
    this.#marks = [];
  }

  /** Takes rows of steps that were completed; or the one of a phase D, which is not history yet. */
  add(rows: readonly Metrics[], { step, phase }: Pick<LabGame, 'step' | 'phase'>): void {
    const last = rows.at(-1);
    if (!last) return;
    const value = (name: string, before: number): number => last[name] ?? before;
    const norms = {
      gradNormD: last['gradientNorm/discriminator'],
      gradNormG: last['gradientNorm/generator'],
    };
    this.#numbers = {
      lossD: value('lossD', this.#numbers.lossD),
      lossG: value('lossG', this.#numbers.lossG),
      dReal: value('D(x)', this.#numbers.dReal),
      dFake: value('D(G(z))', this.#numbers.dFake),
      gradNormD: norms.gradNormD ?? this.#numbers.gradNormD,
      gradNormG: norms.gradNormG ?? this.#numbers.gradNormG,
      gradientStep: norms.gradNormD === undefined ? this.#numbers.gradientStep : last.step,
    };
    if (phase === 'discriminator') this.#rows.push(...rows);
    const at = performance.now();
    this.#marks.push({ at, step });
    while (this.#marks.length > 2 && at - this.#marks[0]!.at > SPEED_MS) this.#marks.shift();
  }

  /** The rows since they were last taken, as columns. */
  take(): LabHistory {
    const rows = this.#rows;
    this.#rows = [];
    // Norms are logged at some steps only.
    const names = Object.keys(rows[0] ?? {}).filter(
      (name) => name !== 'step' && !name.startsWith('gradientNorm/'),
    );
    return {
      steps: Float64Array.from(rows, ({ step }) => step),
      columns: Object.fromEntries(
        names.map((name) => [name, Float32Array.from(rows, (row) => row[name] ?? Number.NaN)]),
      ),
    };
  }
}
