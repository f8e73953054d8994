import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { fillNormal } from './normal.ts';
import { fillBits } from './threefry.ts';

const key = { seed: 2014, stream: 7 };

function normals(step: number, length: number, standardDeviation?: number): Float32Array {
  const out = new Float32Array(length);
  fillNormal(key, step, out, standardDeviation);
  return out;
}

// scripts/reference/threefry.py: the C library's float64 log, cos and sin.
const expected = [
  0.40276577219086057, 1.984057999556237, 0.77562186342537, 0.6369244186966206, -0.5660982222393492,
  -0.9120674452992813, 1.4148868544680289, -1.6677106268081392, -2.047426261370229, -2.4955552880812553,
  -0.5805964682128303, 1.0074853789662994, -0.4244452531939076, 0.9531387400007051, 0.9152729403159432,
];

describe('fillNormal', () => {
  it('gives the numbers of an independent implementation', () => {
    // One rounding to float32 is 6e-8 of the value.
    expect(normals(3, 15)).toBeAllClose(expected, { rtol: 6.1e-8, atol: 0 });
    expect(normals(3, 14)).toBeAllClose(expected.slice(0, 14), { rtol: 6.1e-8, atol: 0 });
    expect(normals(3, 1)).toBeAllClose(expected.slice(0, 1), { rtol: 6.1e-8, atol: 0 });
  });

  it('agrees with Math.log, Math.cos and Math.sin over 200,000 draws', () => {
    const n = 200_000;
    const bits = new Uint32Array(n);
    fillBits(key, 11, bits);
    const direct = new Float64Array(n);
    for (let i = 0; i < n; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((bits[i]! + 0.5) / 2 ** 32));
      const angle = (2 * Math.PI * bits[i + 1]!) / 2 ** 32;
      direct[i] = radius * Math.cos(angle);
      direct[i + 1] = radius * Math.sin(angle);
    }
    // The absolute term: cos of an angle near pi/2, where the reference itself loses digits.
    expect(normals(11, n)).toBeAllClose(direct, { rtol: 6.1e-8, atol: 1e-14 });
  });

  it('has the moments and the tails of a normal distribution', () => {
    const n = 400_000;
    const sums = [0, 0, 0, 0];
    let beyond2 = 0;
    let beyond4 = 0;
    for (const x of normals(5, n)) {
      for (let power = 1; power <= 4; power++) sums[power - 1]! += x ** power;
      if (Math.abs(x) > 2) beyond2++;
      if (Math.abs(x) > 4) beyond4++;
    }
    const [mean, second, third, fourth] = sums.map((sum) => sum / n);
    // Var x = 1, Var x^2 = 2, Var x^3 = 15, Var x^4 = 96: 4.5 standard errors of each.
    const bound = (variance: number) => 4.5 * Math.sqrt(variance / n);
    expect(Math.abs(mean!)).toBeLessThan(bound(1));
    expect(Math.abs(second! - 1)).toBeLessThan(bound(2));
    expect(Math.abs(third!)).toBeLessThan(bound(15));
    expect(Math.abs(fourth! - 3)).toBeLessThan(bound(96));
    // P(|x| > 2) = 0.0455003, P(|x| > 4) = 6.334e-5.
    expect(Math.abs(beyond2 / n - 0.0455003)).toBeLessThan(bound(0.0455));
    expect(Math.abs(beyond4 / n - 6.334e-5)).toBeLessThan(bound(6.334e-5));
  });

  it('leaves the two numbers of a pair, and neighbouring pairs, uncorrelated', () => {
    const n = 200_000;
    const values = normals(6, n + 2);
    for (const lag of [1, 2]) {
      let products = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        products += values[i]! * values[i + lag]!;
        squares += (values[i]! ** 2 - 1) * (values[i + lag]! ** 2 - 1);
      }
      expect(Math.abs(products / n)).toBeLessThan(4.5 / Math.sqrt(n));
      // The squares too, which catches a shared radius; their product has deviation 2.
      expect(Math.abs(squares / n)).toBeLessThan(9 / Math.sqrt(n));
    }
  });

  it('scales by the standard deviation', () => {
    expect(normals(3, 15, 0.02)).toBeAllClose(
      expected.map((value) => 0.02 * value),
      { rtol: 6.1e-8, atol: 0 },
    );
    expect(Array.from(normals(3, 3, 0), Math.abs)).toEqual([0, 0, 0]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a deviation of %d', (standardDeviation) => {
    expect(() => normals(0, 1, standardDeviation)).toThrow(ConfigError);
  });
});
