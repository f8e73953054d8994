import { ExecutionError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Metrics } from './trainer.ts';

/**
 * The error that names the first quantity of a step that is NaN or infinite: a metric, a gradient norm, else a variable;
 * undefined where all are finite.
 */
export function nonFiniteError(
  step: number,
  metrics: Metrics,
  variables: Tensors,
  game: Game,
): ExecutionError | undefined {
  const quantity = firstMetric(metrics) ?? firstVariable(variables);
  if (!quantity) return undefined;
  return new ExecutionError(
    `train: every quantity must stay finite, got ${quantity.value} for ${quantity.name} at step ${step}. ${advice(game)}`,
  );
}

interface Quantity {
  readonly name: string;
  readonly value: number;
}

function firstMetric(metrics: Metrics): Quantity | undefined {
  const found = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  return found && { name: found[0], value: found[1] };
}

function firstVariable(variables: Tensors): Quantity | undefined {
  for (const [name, { dtype, data }] of Object.entries(variables)) {
    if (dtype !== 'float32') continue;
    const floats = data as Float32Array;
    const index = floats.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) return { name: `${name}[${index}]`, value: floats[index]! };
  }
  return undefined;
}

function advice({ r1Gamma = 0 }: Game): string {
  const penalty = r1Gamma > 0 ? ' or r1Gamma' : '';
  return `Lower the learning rates${penalty} (for example to a third), or keep weights bounded with maxNorm`;
}
