import { ConfigError } from '../errors.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { scalar, type Value, type Values } from '../graph/value.ts';

/** When an update happens, counted from 0. */
export interface UpdateTime {
  /** Updates of this optimiser before this one; with k > 1 a discriminator's run faster than the steps. */
  readonly update: number;
  /** Whole passes over the data before this update. */
  readonly epoch: number;
}

/**
 * A setting that may change while training goes on. A number becomes a constant of the graph, which the engine can fold
 * into kernels; a function is evaluated on the host in float64 and fed as float32.
 */
export type Schedule = number | ((time: UpdateTime) => number);

/** Where an optimiser declares what the host is to compute before every update. */
export interface Clock {
  /**
   * Declares a fed number.
   *
   * @param name - local to the optimiser: `learningRate`
   * @returns float32 []
   */
  scalar(name: string, at: (time: UpdateTime) => number): Value;
}

/** The next parameters and the optimiser's next state. */
export interface OptimiserResult {
  readonly parameters: Values;
  readonly state: Values;
}

/** A rule that turns gradients into updates, as graph: state in, state out, nothing held. */
export interface Optimiser {
  readonly name: string;
  /** Initial state, named after the parameter that it belongs to: `generator/dense1/weight/velocity`. */
  init(parameters: Tensors): Tensors;
  /**
   * Builds one update.
   *
   * @param gradients - of the loss to be minimised, under the names of the parameters
   * @param state - the values of `init`'s tensors
   * @throws ConfigError where a gradient or a state is missing
   */
  update(parameters: Values, gradients: Values, state: Values, clock: Clock): OptimiserResult;
}

/** A rule for one parameter. */
interface ParameterRule {
  /** Names of the state tensors, each of the parameter's type. */
  readonly stateNames: readonly string[];
  /** Builds `update` for one clock: what all parameters share is made once. */
  prepare(clock: Clock): (parameter: Value, gradient: Value, state: Values) => ParameterResult;
}

interface ParameterResult {
  readonly parameter: Value;
  readonly state: Values;
}

/** An optimiser that treats every parameter by itself with the same rule, its state starting from zeros. */
export function perParameter(name: string, rule: ParameterRule): Optimiser {
  return {
    name,
    init: (parameters) => {
      const state: Record<string, Tensor> = {};
      for (const [parameter, tensor] of Object.entries(parameters)) {
        for (const key of rule.stateNames) {
          if (tensor.dtype !== 'float32')
            throw new ConfigError(
              `${name}: parameters must be float32, got ${tensor.dtype} for ${parameter}`,
            );
          state[`${parameter}/${key}`] = { ...tensor, data: new Float32Array(tensor.data.length) };
        }
      }
      return state;
    },
    update: (parameters, gradients, state, clock) => {
      const update = rule.prepare(clock);
      const next: { parameters: Record<string, Value>; state: Record<string, Value> } = {
        parameters: {},
        state: {},
      };
      for (const [parameter, value] of Object.entries(parameters)) {
        const own = Object.fromEntries(
          rule.stateNames.map((key) => [key, required(name, 'state', state, `${parameter}/${key}`)]),
        );
        const result = update(value, required(name, 'gradient', gradients, parameter), own);
        next.parameters[parameter] = result.parameter;
        for (const [key, after] of Object.entries(result.state)) next.state[`${parameter}/${key}`] = after;
      }
      return next;
    },
  };
}

function required(optimiser: string, what: string, values: Values, name: string): Value {
  const value = values[name];
  if (!value)
    throw new ConfigError(
      `${optimiser}: every parameter needs its ${what}, got none named ${name} among ${Object.keys(values).length}`,
    );
  return value;
}

/** A schedule as a value: a constant where it is a number, else fed under `name`. */
export function scheduled(
  clock: Clock,
  name: string,
  schedule: Schedule,
  transform: (value: number) => number = (value) => value,
): Value {
  return typeof schedule === 'number'
    ? scalar(transform(schedule))
    : clock.scalar(name, (time) => transform(schedule(time)));
}

/** What a schedule says at a time. */
export function valueAt(schedule: Schedule, time: UpdateTime): number {
  return typeof schedule === 'number' ? schedule : schedule(time);
}

/** What a setting may be, and how a message says it. */
export interface Range {
  readonly text: string;
  holds(value: number): boolean;
}

export const notNegative: Range = {
  text: 'finite and not negative',
  holds: (value) => value >= 0 && Number.isFinite(value),
};

export const positive: Range = {
  text: 'finite and positive',
  holds: (value) => value > 0 && Number.isFinite(value),
};

export const fraction: Range = { text: 'in [0, 1)', holds: (value) => value >= 0 && value < 1 };

/** Throws ConfigError where a setting is a number outside its range; a schedule is seen when it runs. */
export function requireRange(caller: string, setting: string, schedule: Schedule, range: Range): void {
  if (typeof schedule === 'number' && !range.holds(schedule))
    throw new ConfigError(`${caller}: ${setting} must be ${range.text}, got ${schedule}`);
}
