/** What training does when it fails. */
export type Condition = 'discriminatorWins' | 'collapse' | 'oscillation' | 'plateau' | 'nonFinite';

/** Measured figures by name. */
export type Figures = Readonly<Record<string, number>>;

/** What an alarm makes of what it has seen so far. */
export interface Verdict {
  /** The condition holds. */
  readonly holds: boolean;
  /** It is over, by a margin: between the two an alarm stays as it is. */
  readonly over: boolean;
  /** What it was judged by. */
  readonly figures: Figures;
}

/** What alarms hear of a step: what D said of its minibatches, in the mean. */
export interface StepRow {
  readonly step: number;
  readonly 'D(x)': number;
  readonly 'D(G(z))': number;
}

/** A line of `metrics.jsonl` about a sheet of samples; `sampleSpread` says what the figures are. */
export interface SheetRow {
  readonly step: number;
  readonly diversity: number;
  readonly duplicates: number;
  readonly energyDistance: number;
}

/** An alarm listens to steps, to sheets, or to both, and is silent where it cannot tell. */
export interface Alarm {
  readonly condition: Exclude<Condition, 'nonFinite'>;
  step?(row: StepRow): Verdict | undefined;
  sheet?(row: SheetRow): Verdict | undefined;
}

/** Blocks of steps that alarms look back on. */
const WINDOW_BLOCKS = 50;

/** Figures of a stretch of steps, summed. */
interface Block {
  readonly index: number;
  rows: number;
  real: number;
  fake: number;
}

/**
 * The last 50 blocks of `length` steps each: means over a block forget the noise of minibatches, and what is judged once a
 * block costs a training nothing. Blocks begin at multiples of their length, so that a resumed run has the same ones.
 */
class RecentBlocks {
  readonly length: number;
  #blocks: Block[] = [];
  #first: number | undefined;

  constructor(length: number) {
    this.length = length;
  }

  /** The blocks where a row completes one and the window is full; else undefined. Rows may be missing. */
  add(row: StepRow): readonly Block[] | undefined {
    this.#first ??= row.step;
    const index = Math.ceil(row.step / this.length);
    let last = this.#blocks.at(-1);
    if (last?.index !== index) {
      last = { index, rows: 0, real: 0, fake: 0 };
      this.#blocks = [...this.#blocks.filter((block) => block.index > index - WINDOW_BLOCKS), last];
    }
    last.rows++;
    last.real += row['D(x)'];
    last.fake += row['D(G(z))'];
    const isComplete = row.step % this.length === 0;
    const isFull = Math.ceil(this.#first / this.length) <= index - WINDOW_BLOCKS + 1;
    return isComplete && isFull ? this.#blocks : undefined;
  }
}

/** Rows that a window or a block needs to be judged, where `logEvery` leaves some out. */
const FEWEST_ROWS = 5;

/**
 * D wins: over the last 500 steps D(G(z)) is below 0.01 in the mean and D(x) higher by at least 0.8, and the newest sheet is
 * no nearer to the data than one 500 steps older (see `hasProgressed`): with the non-saturating loss G may well learn from a
 * D that it never deceives. Over where D(G(z)) is above 0.02, or where samples come nearer.
 */
export function discriminatorWins(): Alarm {
  const recent = new RecentBlocks(10);
  const sheets: SheetRow[] = [];
  return {
    condition: 'discriminatorWins',
    sheet(row) {
      sheets.push(row);
      return undefined;
    },
    step(row) {
      const blocks = recent.add(row);
      if (!blocks) return undefined;
      const total = { rows: 0, real: 0, fake: 0 };
      for (const { rows, real, fake } of blocks) {
        total.rows += rows;
        total.real += real;
        total.fake += fake;
      }
      if (total.rows < FEWEST_ROWS) return undefined;
      const [real, fake] = [total.real / total.rows, total.fake / total.rows];
      const isLearning = hasProgressed(sheets, baseIndex(sheets, 500, 1));
      return {
        holds: fake < 0.01 && real - fake >= 0.8 && !isLearning,
        over: fake > 0.02 || isLearning,
        figures: { 'D(x)': real, 'D(G(z))': fake },
      };
    },
  };
}

/** How far from its mean D(G(z)) must come to count as a swing, on either side. */
const SWING = 0.1;

/**
 * Oscillation: within 50 blocks the block means of D(G(z)) cross from 0.1 above their common mean to 0.1 below it, or back,
 * at least 6 times. Over at one or none.
 *
 * @param length - steps of a block: 10 sees periods of 20 to 160 steps, 100 ten times longer ones
 */
export function oscillation(length: number): Alarm {
  const recent = new RecentBlocks(length);
  return {
    condition: 'oscillation',
    step(row) {
      const blocks = recent.add(row)?.filter(({ rows }) => rows >= FEWEST_ROWS);
      if (!blocks || blocks.length < WINDOW_BLOCKS) return undefined;
      const means = blocks.map(({ fake, rows }) => fake / rows);
      const crossings = swings(means);
      const figures = {
        swings: crossings,
        steps: WINDOW_BLOCKS * length,
        lowest: Math.min(...means),
        highest: Math.max(...means),
      };
      return { holds: crossings >= 6, over: crossings <= 1, figures };
    },
  };
}

/** How often values go from `SWING` above their mean to `SWING` below it, or back. */
function swings(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let side = 0;
  let count = 0;
  for (const value of values) {
    if (Math.abs(value - mean) < SWING) continue;
    const now = Math.sign(value - mean);
    if (side === -now) count++;
    side = now;
  }
  return count;
}

/** Index of the newest sheet that is `steps` older than the last one, and at least `count` sheets before it; else -1. */
function baseIndex(sheets: readonly SheetRow[], steps: number, count: number): number {
  const last = sheets.at(-1)?.step ?? 0;
  return Math.min(
    sheets.findLastIndex(({ step }) => step <= last - steps),
    sheets.length - 1 - count,
  );
}

/** The least energy distance of some sheets. */
const least = (sheets: readonly SheetRow[]): number =>
  Math.min(...sheets.map(({ energyDistance }) => energyDistance));

/** Whether some sheet since the one at `base` lies nearer to the data than that by a tenth. */
function hasProgressed(sheets: readonly SheetRow[], base: number): boolean {
  return base >= 0 && least(sheets.slice(base + 1)) <= 0.9 * sheets[base]!.energyDistance;
}

/** Whether sheets are of samples that are too alike: of the middle one of them, or in near twins on every one. */
function areAlike(sheets: readonly SheetRow[]): boolean {
  const diversities = sheets.map(({ diversity }) => diversity).sort((a, b) => a - b);
  return (
    diversities[Math.floor(sheets.length / 2)]! < 0.5 || sheets.every(({ duplicates }) => duplicates > 0.9)
  );
}

/** Whether a sheet is of other samples than those that the untrained generator drew. */
function hasMoved(sheet: SheetRow, untrained: SheetRow | undefined): boolean {
  if (!untrained) return true;
  const { diversity, energyDistance } = untrained;
  return (
    Math.abs(sheet.diversity - diversity) > 0.1 ||
    Math.abs(sheet.energyDistance - energyDistance) > 0.1 * energyDistance
  );
}

/**
 * G collapses: on the sheets of the last 1,000 steps, three at least, the median diversity is below 0.5 or duplicates are
 * above 0.9 throughout, and none has come nearer to the data than the first of them by a tenth. An untrained generator may
 * draw one image for every z; that is no collapse, so the sheet of step 0 does not count, nor do any that are like it.
 * Over at a diversity of 0.6 with duplicates of at most 0.8.
 */
export function collapse(): Alarm {
  const sheets: SheetRow[] = [];
  let untrained: SheetRow | undefined;
  return {
    condition: 'collapse',
    sheet(row) {
      if (row.step === 0) {
        untrained = row;
        return undefined;
      }
      sheets.push(row);
      const { diversity, duplicates, energyDistance } = row;
      const base = baseIndex(sheets, 1000, 2);
      const holds =
        base >= 0 && areAlike(sheets.slice(base)) && !hasProgressed(sheets, base) && hasMoved(row, untrained);
      const over = diversity >= 0.6 && duplicates <= 0.8;
      return { holds, over, figures: { diversity, duplicates, energyDistance } };
    },
  };
}

/**
 * Plateau: the least energy distance of the last 2,000 steps, three sheets at least, is above 0.05 and not a tenth below
 * the least before. Over where it has fallen by a fifth, or to 0.05.
 */
export function plateau(): Alarm {
  const sheets: SheetRow[] = [];
  /** The least distance when the condition last held. */
  let stalled: number | undefined;
  return {
    condition: 'plateau',
    sheet(row) {
      sheets.push(row);
      const base = baseIndex(sheets, 2000, 3);
      if (base < 0) return undefined;
      const before = least(sheets.slice(0, base + 1));
      const now = least(sheets.slice(base + 1));
      const holds = now > 0.05 && now > 0.9 * before;
      if (holds) stalled = Math.min(before, now);
      const over = stalled !== undefined && (now < 0.8 * stalled || now <= 0.05);
      return { holds, over, figures: { energyDistance: now, before } };
    },
  };
}
