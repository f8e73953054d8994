import { lessOrEqual, sigmoid, sub } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { scalarTensor, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import type { Game } from './game.ts';
import type { Penalty } from './penalty.ts';
import type { Objective, UpdateCondition } from './step.ts';

/** When D has learned enough for now. */
export interface AdaptiveK {
  /** D makes an update where `D(x) - D(G(z)) <= margin`, in [0, 1). */
  readonly margin: number;
}

/** What the names of the variables begin with in which a game remembers what D said last. */
const MEMORY = 'adaptiveK/';
const REAL = 'D(x)';
const FAKE = 'D(G(z))';

/**
 * What a game with adaptive k keeps from step to step, before the first one: the metrics of D's last update, all 0, so that
 * the first update is made. Empty for other games.
 */
export function initialMemory(game: Game): Tensors {
  if (!game.adaptiveK) return {};
  const names = Object.values(memory(game, game.penalties ?? []));
  return Object.fromEntries(names.map((name) => [name, scalarTensor('float32', 0)]));
}

/** From each metric of D's objective to the variable that remembers it. */
function memory({ auxiliary }: Game, due: readonly Penalty[]): Readonly<Record<string, string>> {
  const classes = auxiliary ? ['lossC(x)', 'lossC(G(z))'] : [];
  const metrics = ['lossD', REAL, FAKE, ...classes, ...due.map(({ name }) => `penalty/${name}`)];
  return Object.fromEntries(metrics.map((metric) => [metric, MEMORY + metric]));
}

/**
 * D learns where it does not win by the margin already, `D(x) - D(G(z)) <= margin`. Both means are known without a pass of
 * their own: D(G(z)) from the last update of either player, and D(x) from D's last one, since when D has not changed.
 *
 * @param due - the penalties of the step
 */
export function whereDiscriminatorLearns(game: Game, due: readonly Penalty[]): UpdateCondition {
  const { discriminator, generator, augmentation, adaptiveK } = game;
  const metrics = memory(game, due);
  const others = new Set([
    ...Object.keys(generator.network.stateShapes),
    ...Object.keys(augmentation?.adaptation?.initial ?? {}),
    ...Object.values(metrics),
  ]);
  return {
    holds: (variables) =>
      lessOrEqual(sub(variables[MEMORY + REAL]!, variables[MEMORY + FAKE]!), adaptiveK!.margin),
    changes: (name) => name.startsWith(`${discriminator.network.name}/`) || others.has(name),
    metrics,
  };
}

/** D's objective, its metrics remembered. */
export function remembering(objective: Objective, game: Game, due: readonly Penalty[]): Objective {
  const remembered = Object.entries(memory(game, due)).map(([metric, name]): [string, Value] => [
    name,
    objective.metrics![metric]!,
  ]);
  return { ...objective, state: { ...objective.state, ...Object.fromEntries(remembered) } };
}

/**
 * G's objective, what D said of its samples remembered, and the metrics of an augmentation, which D's objective may not be
 * asked for.
 *
 * @param fakeLogits - float32 [N, 1]
 */
export function afterGenerator(
  objective: Objective,
  { augmentation }: Game,
  variables: Values,
  fakeLogits: Value,
): Objective {
  return {
    ...objective,
    metrics: { ...objective.metrics, ...augmentation?.adaptation?.metrics(variables) },
    state: { ...objective.state, [MEMORY + FAKE]: mean(sigmoid(fakeLogits)) },
  };
}
