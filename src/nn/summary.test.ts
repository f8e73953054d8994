import { describe, expect, it } from 'vitest';
import { relu, sigmoid } from './activations.ts';
import { batchNorm } from './batch-norm.ts';
import { conv } from './conv.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { maxout } from './maxout.ts';
import { reshape } from './reshaping.ts';
import { residual } from './residual.ts';
import { sequential } from './sequential.ts';
import { spectralNorm } from './spectral-norm.ts';
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

  it('has a line for a block of several layers, and counts what is learned, not running statistics', () => {
    const network = sequential(
      'generator',
      [64],
      [
        dense({ units: 2048 }),
        reshape([128, 4, 4]),
        residual({ channels: 64, resample: 'up', norm: () => batchNorm() }),
        batchNorm(),
        relu(),
        spectralNorm(conv({ channels: 3, size: 3, padding: 1 })),
      ],
    );
    expect(summary(network)).toBe(
      `
generator   output       parameters
input       [64]
dense1      [2048]          133,120
reshape1    [128, 4, 4]           0
residual1   [64, 8, 8]      119,360
batchNorm1  [64, 8, 8]          128
relu1       [64, 8, 8]            0
conv1       [3, 8, 8]         1,731
total                       254,339`.trim(),
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
