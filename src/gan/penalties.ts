import { consistency } from './penalties/consistency.ts';
import { dragan } from './penalties/dragan.ts';
import { drift } from './penalties/drift.ts';
import { gradientPenalty, zeroCentredGradientPenalty } from './penalties/gradient-penalty.ts';
import { r1, r2 } from './penalties/zero-centred.ts';
import type { PenaltyKind } from './penalty.ts';

/** A penalty that configs know. */
export interface ListedPenalty {
  readonly kind: PenaltyKind;
  /** One sentence for the docs: the formula, and where it is from. */
  readonly summary: string;
}

/** Every penalty that configs know: the schema, the error messages and the table in the docs are made from these rows. */
export const penalties: readonly ListedPenalty[] = [
  { kind: r1, summary: '`gamma / 2 E ||grad D(x)||^2` on real examples (Mescheder et al. 2018).' },
  {
    kind: r2,
    summary:
      '`gamma / 2 E ||grad D(G(z))||^2` on samples (Mescheder et al. 2018); with r1 in R3GAN (Huang et al. 2024).',
  },
  {
    kind: gradientPenalty,
    summary:
      '`weight E (||grad D(x^)|| - target)^2`, x^ on the line between a real example and a sample: WGAN-GP (Gulrajani et al. 2017).',
  },
  {
    kind: zeroCentredGradientPenalty,
    summary:
      '`weight E ||grad D(x^)||^2`, x^ on the line between a real example and a sample (Thanh-Tung et al. 2019).',
  },
  {
    kind: dragan,
    summary:
      '`weight E (||grad D(x + d)|| - 1)^2` about real examples, `d = spread std(x) U(0, 1)`: DRAGAN (Kodali et al. 2017).',
  },
  {
    kind: consistency,
    summary:
      '`weight E (D(x) - D(T(x)))^2` on real images, T a shift by up to an eighth of the size (Zhang et al. 2020).',
  },
  {
    kind: drift,
    summary: '`weight E D(x)^2` on real examples, which keeps a critic near 0 (Karras et al. 2018).',
  },
];
