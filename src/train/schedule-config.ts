import * as z from 'zod';
import { closed, count, maxStep, step } from './schema-terms.ts';

/** A straight line or half a cosine from one value to another over its own horizon, in steps or in epochs. */
export interface RampConfig {
  readonly from: number;
  readonly to: number;
  readonly steps?: number;
  readonly epochs?: number;
  readonly startAt?: number;
}

/** A value that may change while training goes on. Its horizon is its own and never follows `steps`. */
export type ScheduleConfig =
  | number
  | { readonly constant: number }
  | { readonly linear: RampConfig }
  | { readonly cosine: RampConfig }
  | { readonly exponential: { readonly from: number; readonly divisor: number; readonly floor: number } };

/** The schema of a schedule of such numbers. */
export function scheduleSchema(value: z.ZodNumber): z.ZodType<ScheduleConfig> {
  const ramp = closed({
    from: value.describe('The first value.'),
    to: value.describe('The value at the end of the horizon and after it.'),
    steps: z.exactOptional(step().describe('Horizon in steps. Either steps or epochs.')),
    epochs: z.exactOptional(
      count().describe(
        'Horizon in epochs; the value then changes between epochs only. Either steps or epochs.',
      ),
    ),
    startAt: z.exactOptional(
      z
        .int()
        .min(0)
        .max(maxStep)
        .describe('The value stays at "from" until here, in the unit of the horizon. Default 0.'),
    ),
  }).refine((it) => (it.steps === undefined) !== (it.epochs === undefined), {
    error: 'must hold a horizon, either steps or epochs',
  });
  const exponential = closed({
    from: value.describe('The first value.'),
    divisor: z
      .number()
      .gt(1)
      .describe('d of from / d^updates, counted for each network; 1.000004 in the released code.'),
    floor: value.describe('The value never falls below it; 1e-6 in the released code.'),
  });
  return z
    .union(
      [
        value,
        closed({ constant: value.describe('The same value at every step.') }),
        closed({ linear: ramp.describe('A straight line from one value to another.') }),
        closed({ cosine: ramp.describe('Half a cosine from one value to another.') }),
        closed({ exponential: exponential.describe('Division by the same number at every update.') }),
      ],
      {
        error:
          'must be a number, {"constant": x}, {"linear": {"from", "to", "steps"}}, {"cosine": {"from", "to", "steps"}} or {"exponential": {"from", "divisor", "floor"}}',
      },
    )
    .describe('A number or a schedule. A schedule has its own horizon: `steps` of the run does not move it.');
}
