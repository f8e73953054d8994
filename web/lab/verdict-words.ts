import type { Verdict } from '../../src/theory/dirac-gan.ts';

/** How a training ends, in words. */
export const verdictWords: Readonly<Record<Verdict, { readonly short: string; readonly long: string }>> = {
  converges: { short: 'arrives', long: 'within 0.001 of the centre' },
  slowly: { short: 'ever slower', long: 'nearer, but slower than any exponential' },
  circles: { short: 'circles', long: 'neither nearer nor farther' },
  diverges: { short: 'drifts out', long: 'farther than it began' },
};
