import type { RunMetrics } from '../../../src/server/api.ts';
import { smoothed } from './smoothing.ts';

/** One line of a chart with the band that it moves in. */
export interface Curve {
  readonly label: string;
  /** Custom property of its colour. */
  readonly colour: string;
  readonly steps: readonly number[];
  readonly mean: readonly number[];
  /** The same before smoothing; absent where nothing was smoothed. */
  readonly rough?: readonly number[];
  /** The least and the greatest value of each stretch; absent where they are the same. */
  readonly band?: { readonly min: readonly number[]; readonly max: readonly number[] };
}

/** A key of a run's metrics as a curve; undefined where the log has no such key. */
export function curveOf(
  metrics: RunMetrics,
  key: string,
  { label, colour, halfLife }: { label: string; colour: string; halfLife: number },
): Curve | undefined {
  const series = metrics.series[key];
  // Sheets and gradient norms come every so many steps: the stretches between them are no gaps.
  const there = [...metrics.steps.keys()].filter((at) => typeof series?.mean[at] === 'number');
  if (!series || there.length === 0) return undefined;
  const steps = there.map((at) => metrics.steps[at]!);
  const values = there.map((at) => series.mean[at]!);
  const isBanded = there.some((at) => series.min[at] !== series.max[at]);
  return {
    label,
    colour,
    steps,
    mean: smoothed(steps, values, halfLife),
    ...(halfLife > 0 ? { rough: values } : {}),
    ...(isBanded
      ? { band: { min: there.map((at) => series.min[at]!), max: there.map((at) => series.max[at]!) } }
      : {}),
  };
}

/** The last value of a curve at or before a step, and where that is. */
export function valueAt(curve: Curve, step: number): number | undefined {
  let found: number | undefined;
  for (const [at, value] of curve.mean.entries()) {
    if (curve.steps[at]! > step) break;
    found = value;
  }
  return found;
}
