import { isObject } from './config-merge.ts';

/**
 * A config as this version writes it, from one that an earlier version wrote: what was `loss.r1Gamma` is an entry of
 * `penalties`. Anything else is left as it is, for the schema to judge.
 */
export function fromOlderConfig(
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { loss, ...rest } = config;
  if (!isObject(loss) || typeof loss['r1Gamma'] !== 'number' || 'penalties' in config) return config;
  const { r1Gamma: gamma, ...objectives } = loss;
  return { ...rest, loss: objectives, penalties: gamma === 0 ? [] : [{ r1: { gamma } }] };
}
