import { ada } from '../gan/augment/ada.ts';
import type { Augmentation } from '../gan/augment/augmentation.ts';
import { diffAugment } from '../gan/augment/diff-augment.ts';
import { type AugmentConfig, policiesIn } from './augment-config.ts';

/** The augmentation that a config describes. @throws ConfigError where a name comes twice */
export function buildAugmentation(config: AugmentConfig): Augmentation {
  if (typeof config === 'string') return diffAugment({ policies: policiesIn(config) });
  if ('diffAugment' in config) return diffAugment({ policies: config.diffAugment });
  const { transforms, ...rule } = config.ada;
  const shares = Array.isArray(transforms)
    ? Object.fromEntries(transforms.map((name) => [name, 1]))
    : (transforms as Exclude<typeof transforms, readonly unknown[]>);
  return ada({ transforms: shares, ...rule });
}
