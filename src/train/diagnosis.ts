import type { Game } from '../gan/game.ts';
import {
  type Alarm,
  type Condition,
  collapse,
  discriminatorWins,
  type Figures,
  oscillation,
  plateau,
  type SheetRow,
  type StepRow,
  type Verdict,
} from './alarms.ts';
import type { Metrics } from './chunk.ts';
import { advice, beginning, ending } from './diagnosis-text.ts';
import { loggedFigures, sevenDigits } from './logged-figures.ts';
import type { NonFiniteError } from './non-finite.ts';

/** Something that training does and should not, where it begins or where it ends. */
export interface Finding {
  readonly step: number;
  readonly condition: Condition;
  readonly state: 'begins' | 'ends';
  /** What it means, in one sentence. */
  readonly sentence: string;
  /** What to try, in one sentence; absent where it ends. */
  readonly advice?: string;
  /** What it was judged by, to seven digits. */
  readonly figures: Figures;
}

/** A finding as training tells it. */
export type DiagnosisEvent = { readonly type: 'diagnosis' } & Finding;

/** What of a game decides what to advise. */
export type DiagnosedGame = Pick<Game, 'loss' | 'penalties' | 'k' | 'updateOrder' | 'averageDecay'>;

/**
 * Listens to a training and finds what goes wrong: D winning, collapse, oscillation, a plateau. Each is told once where it
 * begins and once where it ends; `docs/diagnosis.md` has the thresholds and where they come from.
 *
 * What is found depends on the rows alone, each taken to seven digits as logs hold them: having heard a run's log
 * it is as the run left it.
 */
export class Diagnosis {
  readonly #game: DiagnosedGame;
  readonly #alarms: readonly Alarm[] = [
    discriminatorWins(),
    collapse(),
    oscillation(10),
    oscillation(100),
    plateau(),
  ];
  readonly #ringing: Set<Alarm> = new Set();

  constructor(game: DiagnosedGame) {
    this.#game = game;
  }

  /**
   * Hears what D said in a step. Rows come in order; some may be missing. What a critic says is no probability and tells
   * nothing by itself.
   */
  step({ step, 'D(x)': real, 'D(G(z))': fake }: Metrics): Finding[] {
    if (real === undefined || fake === undefined || !this.#game.loss.logOdds) return [];
    const logged: StepRow = { step, 'D(x)': sevenDigits(real), 'D(G(z))': sevenDigits(fake) };
    return this.#hear(logged.step, (alarm) => alarm.step?.(logged));
  }

  /** Hears how a sheet of samples spreads, after the metrics of its step. One with a figure that is not finite tells nothing. */
  sheet(row: SheetRow): Finding[] {
    const logged = loggedFigures({ ...row });
    if (!Object.values(logged).every(Number.isFinite)) return [];
    return this.#hear(logged.step, (alarm) => alarm.sheet?.(logged));
  }

  /** Hears an entry of a log, whatever it is about; a finding among them tells nothing. */
  hear(entry: unknown): Finding[] {
    if (isSheetRow(entry)) return this.sheet(entry);
    return isStepRow(entry) ? this.step(entry) : [];
  }

  #hear(step: number, judge: (alarm: Alarm) => Verdict | undefined): Finding[] {
    return this.#alarms.flatMap((alarm) => {
      const verdict = judge(alarm);
      return verdict ? this.#update(alarm, step, verdict) : [];
    });
  }

  #update(alarm: Alarm, step: number, { holds, over, figures }: Verdict): Finding[] {
    const { condition } = alarm;
    const rings = this.#ringing.has(alarm);
    if (rings ? !over : !holds || this.#isExplained(condition)) return [];
    const isToldAlready = [...this.#ringing].some((it) => it !== alarm && it.condition === condition);
    if (rings) this.#ringing.delete(alarm);
    else this.#ringing.add(alarm);
    if (isToldAlready) return [];
    const logged = loggedFigures(figures);
    if (rings)
      return [{ step, condition, state: 'ends', sentence: ending(condition, logged), figures: logged }];
    return [
      {
        step,
        condition,
        state: 'begins',
        sentence: beginning(condition, logged),
        advice: advice(condition, this.#game),
        figures: logged,
      },
    ];
  }

  /** A plateau is no news where D has won or G has collapsed. */
  #isExplained(condition: Condition): boolean {
    if (condition !== 'plateau') return false;
    return [...this.#ringing].some((alarm) => ['discriminatorWins', 'collapse'].includes(alarm.condition));
  }
}

/** The finding of a training that has failed because a quantity is NaN or infinite. */
export function nonFiniteFinding({ step, quantity, value, advice: remedy }: NonFiniteError): Finding {
  const sentence = `${quantity} has become ${value}: an update was too large, and no later one can repair that`;
  const tried = `${remedy[0]!.toLowerCase()}${remedy.slice(1)}`;
  return { step, condition: 'nonFinite', state: 'begins', sentence, advice: tried, figures: {} };
}

/**
 * Reads findings back from the entries of `metrics.jsonl`, in their order.
 *
 * @param entries - parsed lines; those without a finding are passed over
 */
export function findingsOf(entries: Iterable<unknown>): Finding[] {
  const found: Finding[] = [];
  for (const entry of entries) {
    if (!isObject(entry) || !isObject(entry['diagnosis'])) continue;
    found.push({ step: entry['step'], ...entry['diagnosis'] } as unknown as Finding);
  }
  return found;
}

/** A finding as an entry of `metrics.jsonl`: `findingsOf` reads it. */
export function findingEntry({ step, ...diagnosis }: Finding): {
  readonly step: number;
  readonly diagnosis: Omit<Finding, 'step'>;
} {
  return { step, diagnosis };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const has = (entry: unknown, ...names: readonly string[]): boolean =>
  isObject(entry) && names.every((name) => typeof entry[name] === 'number');

const isSheetRow = (entry: unknown): entry is SheetRow =>
  has(entry, 'step', 'diversity', 'duplicates', 'energyDistance');

const isStepRow = (entry: unknown): entry is Metrics => has(entry, 'step', 'D(x)', 'D(G(z))');
