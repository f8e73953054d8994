import { describe, expect, it } from 'vitest';
import { relu, sigmoid } from './activations.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { maxout } from './maxout.ts';
import { reshape } from './reshaping.ts';
import { sequential } from './sequential.ts';
import { parameterCount, summary } from './summary.ts';

const generator = sequential(
  'generator',
  [100],
  [
    dense({ units: 1200 }),
    relu(),
    dense({ units: 1200 }),
    relu(),
    dense({ units: 784 }),
    sigmoid(),
    reshape([1, 28, 28]),
  ],
);
const discriminator = sequential(
  'discriminator',
  [784],
  [
    dropout({ include: 0.8 }),
    maxout({ units: 240, pieces: 5 }),
    dropout({ include: 0.5 }),
    maxout({ units: 240, pieces: 5 }),
    dropout({ include: 0.5 }),
    dense({ units: 1 }),
  ],
);

describe('parameterCount', () => {
  it("counts the released recipe's networks", () => {
    expect(parameterCount(generator)).toBe(2_503_984);
    expect(parameterCount(discriminator)).toBe(1_231_441);
  });

  it('is 0 without parameters', () => {
    expect(parameterCount(sequential('generator', [3], [relu()]))).toBe(0);
  });
});

describe('summary', () => {
  it('is a table of layers, shapes and counts', () => {
    expect(summary(generator)).toBe(
      `
generator  output       parameters
input      [100]
dense1     [1200]          121,200
relu1      [1200]                0
dense2     [1200]        1,441,200
relu2      [1200]                0
dense3     [784]           941,584
sigmoid1   [784]                 0
reshape1   [1, 28, 28]           0
total                    2,503,984`.trim(),
    );
  });

  it('widens its columns to the longest entry', () => {
    expect(summary(discriminator)).toBe(
      `
discriminator  output  parameters
input          [784]
dropout1       [784]            0
maxout1        [240]      942,000
dropout2       [240]            0
maxout2        [240]      289,200
dropout3       [240]            0
dense1         [1]            241
total                   1,231,441`.trim(),
    );
  });
});
