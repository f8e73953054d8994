import type { Feeds } from '../graph/feeds.ts';
import {
  add,
  cast,
  div,
  finite,
  max,
  mul,
  sqrt,
  square,
  stopGradient,
} from '../graph/functions/elementwise.ts';
import { changeWhere } from '../graph/functions/loop.ts';
import { sum } from '../graph/functions/reductions.ts';
import { stack } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import { label, type Value, type Values } from '../graph/value.ts';
import type { ExponentialMovingAverage } from '../optim/ema.ts';
import type { Constraint } from '../optim/max-norm.ts';
import type { Clock, Optimiser } from '../optim/optimiser.ts';

/** What an update minimises, built from the current variables. */
export interface Objective {
  /** [] */
  readonly loss: Value;
  /** Scalars [] to report, by their logged names. */
  readonly metrics?: Values;
  /** Values whose loss gradient is reported as its norm, by logged name. */
  readonly gradientNormsAt?: Values;
  /** The parameters' gradients are multiplied by `max(1, target / norm)`, the norm one of `gradientNormsAt` by its name. */
  readonly rescaled?: { readonly by: string; readonly target: number };
  /** Layer state (running statistics) after the passes that the loss made, and whatever else the update changes. */
  readonly state?: Values;
}

/** One optimiser step on one group of parameters: its loss, its own minibatch and noise. */
export interface Update {
  /** Unique within the step: `discriminator`, `discriminator2`, `generator`. */
  readonly name: string;
  /** The player whose parameters it changes; gradient norms are reported under it. */
  readonly player: string;
  /** Names of the parameters that it changes. */
  readonly parameters: readonly string[];
  readonly optimiser: Optimiser;
  readonly constraint?: Constraint;
  /** How many updates this optimiser makes in a step, and which of them this is: together its clock. */
  readonly updatesPerStep: number;
  readonly index: number;
  /** Where the update is not made in every step. */
  readonly condition?: UpdateCondition;
  /**
   * @param bring - under a condition: what every value of outside that is no variable has to go through (see `changeWhere`)
   */
  objective(variables: Values, bring?: (value: Value) => Value): Objective;
}

/**
 * Makes an update depend on the variables. Where it is not made it costs next to nothing, and all that it changes stays as
 * it is, its optimiser's state included; the optimiser's clock goes on, so that schedules still count steps.
 */
export interface UpdateCondition {
  /** Whether the update is made, bool []. */
  holds(variables: Values): Value;
  /** Whether the update changes the variable of a name; only these may it change. */
  changes(name: string): boolean;
  /** From each metric to the variable that the objective keeps it in, which is what steps without the update report. */
  readonly metrics: Readonly<Record<string, string>>;
}

/** An average that follows some variables from step to step. */
export interface Averaging {
  readonly average: ExponentialMovingAverage;
  /** From the average's name to the variable that it follows. */
  readonly follows: Readonly<Record<string, string>>;
}

/** One training iteration as a list of updates: a GAN is [D x k, G]; a classifier is one. */
export interface Step {
  readonly updates: readonly Update[];
  /**
   * `alternating`: each update sees what the one before left (Algorithm 1). `simultaneous`: all see the same variables
   * and are applied together (the authors' released code).
   */
  readonly order: 'alternating' | 'simultaneous';
  readonly averaging?: Averaging;
}

/** Builds the updates of an iteration; declares what the host feeds them with. */
export type StepOf = (feeds: Feeds) => Step;

/** The graph of one iteration. */
export interface StepGraph {
  /** Variables after the iteration, under the names of those before. */
  readonly variables: Values;
  /** Scalars [] by logged name. */
  readonly metrics: Values;
  /** Norms of the parameter gradients by player, [] each; kept apart because they forbid some simplifications. */
  readonly gradientNorms: Values;
  /** bool []: every loss and every metric is finite. */
  readonly finite: Value;
}

/**
 * Builds one training iteration: losses, gradients, optimisers, averages.
 *
 * @param variables - parameters, layer state, optimiser state and averages by name
 * @param feeds - receives the inputs that the host fills (optimisers' scheduled scalars among them)
 */
export function buildStep(step: Step, variables: Values, feeds: Feeds): StepGraph {
  const losses: Value[] = [];
  const metrics: Record<string, Value> = {};
  const gradientNorms: Record<string, Value> = {};
  let current = variables;
  let next = variables;
  for (const update of step.updates) {
    // The other player's move is taken as given: gradients stop at what an earlier update of this step left.
    current = step.order === 'simultaneous' ? variables : asGiven(next, variables);
    if (update.condition) {
      const { isMade, made } = makeWhere(update, update.condition, current, feeds);
      next = { ...next, ...made.variables };
      const count = `updates/${update.player}`;
      Object.assign(metrics, made.metrics, {
        [count]: metrics[count] ? add(metrics[count], isMade) : isMade,
      });
      continue;
    }
    const made = make(update, current, feeds);
    next = { ...next, ...made.variables };
    losses.push(made.loss);
    Object.assign(metrics, made.metrics);
    gradientNorms[`gradientNorm/${update.player}`] = norm(Object.values(made.gradients));
  }
  if (step.averaging) next = { ...next, ...applyAveraging(step.averaging, next, feeds) };
  // A loss is often a metric itself.
  const values = [...new Set([...losses, ...Object.values(metrics)])];
  const allFinite = finite(sum(stack(values)));
  label('metrics', [allFinite, ...values], Object.values(next));
  return { variables: next, metrics, gradientNorms, finite: allFinite };
}

/** What an update leaves. */
interface Made {
  readonly variables: Values;
  readonly metrics: Values;
  readonly loss: Value;
  readonly gradients: Values;
}

function make(update: Update, current: Values, feeds: Feeds, bring?: (value: Value) => Value): Made {
  const objective = update.objective(current, bring);
  const gradients = differentiate(update, objective, current);
  return {
    variables: { ...applyUpdate(update, gradients.parameters, current, feeds), ...objective.state },
    metrics: { ...objective.metrics, ...gradients.norms },
    loss: objective.loss,
    gradients: gradients.parameters,
  };
}

/** An update under a condition, and whether it is made, as float32 []. */
function makeWhere(
  update: Update,
  { holds, changes, metrics }: UpdateCondition,
  current: Values,
  feeds: Feeds,
): { isMade: Value; made: Pick<Made, 'variables' | 'metrics'> } {
  const condition = holds(current);
  const before = Object.fromEntries(Object.entries(current).filter(([name]) => changes(name)));
  const variables = changeWhere(condition, before, (inner, bring) => ({
    ...inner,
    ...make(update, { ...current, ...inner }, feeds, bring).variables,
  }));
  const reported = Object.entries(metrics).map(([metric, name]) => [metric, variables[name]!]);
  return {
    isMade: cast(condition, 'float32'),
    made: { variables, metrics: Object.fromEntries(reported) },
  };
}

/** Variables as constants to `grad` where an earlier update of this step computed them. */
function asGiven(variables: Values, initial: Values): Values {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value === initial[name] ? value : stopGradient(value),
    ]),
  );
}

function differentiate(
  update: Update,
  { loss, gradientNormsAt = {}, rescaled }: Objective,
  variables: Values,
): Gradients {
  const watched = Object.entries(gradientNormsAt);
  const parameters = update.parameters.map((name) => variables[name]!);
  const gradients = grad(loss, [...parameters, ...watched.map(([, value]) => value)]);
  const norms = Object.fromEntries(
    watched.map(([name], i) => [name, norm([gradients[parameters.length + i]!])]),
  );
  const factor = rescaled && max(div(rescaled.target, norms[rescaled.by]!), 1);
  return {
    parameters: Object.fromEntries(
      update.parameters.map((name, i) => [name, factor ? mul(gradients[i]!, factor) : gradients[i]!]),
    ),
    norms,
  };
}

interface Gradients {
  readonly parameters: Values;
  readonly norms: Values;
}

function applyUpdate(update: Update, gradients: Values, variables: Values, feeds: Feeds): Values {
  const { optimiser, constraint, updatesPerStep, index } = update;
  const clock: Clock = {
    scalar: (name, at) =>
      feeds.scalar(`${update.name}/${name}`, ({ step, epoch }) =>
        at({ update: step * updatesPerStep + index, epoch }),
      ),
  };
  const before = Object.fromEntries(update.parameters.map((name) => [name, variables[name]!]));
  const { parameters, state } = optimiser.update(before, gradients, variables, clock);
  const after = { ...(constraint ? constraint(parameters) : parameters), ...state };
  label(`${update.name}/${optimiser.name}`, Object.values(after), [
    ...Object.values(variables),
    ...Object.values(gradients),
  ]);
  return after;
}

function applyAveraging({ average, follows }: Averaging, variables: Values, feeds: Feeds): Values {
  const names = Object.keys(follows);
  const pick = (of: (name: string) => string): Values =>
    Object.fromEntries(names.map((name) => [name, variables[of(name)]!]));
  const clock: Clock = {
    scalar: (name, at) => feeds.scalar(`average/${name}`, ({ step, epoch }) => at({ update: step, epoch })),
  };
  const followed = pick((name) => follows[name]!);
  const averages = average.update(
    pick((name) => name),
    followed,
    clock,
  );
  label('average', Object.values(averages), Object.values(variables));
  return averages;
}

/** Euclidean norm over several tensors, []. */
function norm(values: readonly Value[]): Value {
  return sqrt(sum(stack(values.map((value) => sum(square(value))))));
}
