/** Points that a curve keeps at most; beyond them neighbours become one. */
const MOST_POINTS = 480;

/** A number along the game: means over as many entries as it takes to keep few points. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** A curve that grows. */
export interface GrowingCurve extends Curve {
  /** Adds a value; one that is not finite leaves no trace. */
  add(step: number, value: number): void;
}

/**
 * An empty curve. It holds at most 480 points: when they are full, each two neighbours become their mean, and from then on each
 * point is the mean of twice as many entries.
 */
export function growingCurve(): GrowingCurve {
  let steps: number[] = [];
  let values: number[] = [];
  let entriesPerPoint = 1;
  let sum = 0;
  let entries = 0;

  function halve(): void {
    const kept = Math.floor(steps.length / 2);
    steps = Array.from({ length: kept }, (_, i) => steps[2 * i + 1]!);
    values = Array.from({ length: kept }, (_, i) => (values[2 * i]! + values[2 * i + 1]!) / 2);
    entriesPerPoint *= 2;
  }

  return {
    get steps() {
      return steps;
    },
    get values() {
      return values;
    },
    add(step, value) {
      if (!Number.isFinite(value)) return;
      sum += value;
      entries++;
      if (entries < entriesPerPoint) return;
      steps.push(step);
      values.push(sum / entries);
      sum = 0;
      entries = 0;
      if (steps.length >= MOST_POINTS) halve();
    },
  };
}
