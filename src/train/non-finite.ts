import { ExecutionError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Metrics } from './trainer.ts';

/** Training has failed because a quantity is NaN or infinite. */
export class NonFiniteError extends ExecutionError {
  /** The first step whose replay shows it. */
  readonly step: number;
  readonly quantity: string;
  readonly value: number;
  /** What to try. */
  readonly advice: string;

  constructor(step: number, { name, value }: Quantity, advice: string) {
    super(`train: every quantity must stay finite, got ${value} for ${name} at step ${step}. ${advice}`);
    this.step = step;
    this.quantity = name;
    this.value = value;
    this.advice = advice;
  }
}

/**
 * The error that names the first quantity of a step that is NaN or infinite: a metric, a gradient norm, else a variable;
 * undefined where all are finite.
 */
export function nonFiniteError(
  step: number,
  metrics: Metrics,
  variables: Tensors,
  game: Game,
): NonFiniteError | undefined {
  const quantity = firstMetric(metrics) ?? firstVariable(variables);
  return quantity && new NonFiniteError(step, quantity, advice(game));
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

function advice({ penalties = [] }: Game): string {
  const weights =
    penalties.length === 0 ? '' : ` or the weight of ${penalties.map(({ name }) => name).join(', ')}`;
  return `Lower the learning rates${weights} (for example to a third), or keep weights bounded with maxNorm`;
}
