import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { input } from '../graph/value.ts';
import { asSamples, type ExampleFormat, toNetworkRange, toPixels } from './example-format.ts';

const reference = readReference<{
  readonly scale: number;
  readonly pixels: ReferenceArray;
  readonly normalised: ReferenceArray;
  readonly shown: ReferenceArray;
}>('contrast');
const { shape: shape4, data } = reference.pixels;
const shape = shape4.slice(1);
const bytes = Uint8Array.from(data);
const floats = Float32Array.from(data, (pixel) => pixel / 255);

/** Real examples through the graph into the networks' range, and on to what would be shown of them. */
async function throughGraph(format: Omit<ExampleFormat, 'shape'>, examples = shape4, exampleShape = shape) {
  const full = { ...format, shape: exampleShape };
  const raw = input('raw', format.dtype, ['N', ...exampleShape]);
  const seen = toNetworkRange(raw, full);
  const fed =
    format.dtype === 'uint8'
      ? ({ dtype: 'uint8', shape: examples, data: bytes } as const)
      : float32(examples, floats);
  const { seen: a, shown } = await runGraph({ seen, shown: toPixels(seen, full) }, { raw: fed });
  return { seen: a!, shown: shown! };
}

describe('contrast normalisation', () => {
  const range = { contrast: reference.scale };

  it.each(['uint8', 'float32'] as const)('is what numpy computes, from %s', async (dtype) => {
    const { seen, shown } = await throughGraph({ dtype, range });
    expect(seen.data).toBeAllClose(reference.normalised.data, { rtol: 1e-5, atol: 1e-3 });
    expect(shown.data).toBeAllClose(reference.shown.data, { rtol: 1e-5, atol: 1e-5 });
  });

  it('leaves a blank image at zero, in bytes and in floats', async () => {
    const size = bytes.length / 4;
    for (const dtype of ['uint8', 'float32'] as const) {
      const { seen, shown } = await throughGraph({ dtype, range });
      for (const value of seen.data.slice(2 * size, 3 * size))
        expect(Math.abs(Number(value))).toBeLessThan(1e-3);
      expect(shown.data[2 * size]).toBeCloseTo(0.5, 4);
    }
  });

  it('makes real examples comparable with samples', () => {
    for (const examples of [bytes, floats]) {
      const shown = asSamples(examples, { range, shape });
      expect(shown).toBeAllClose(reference.shown.data, { rtol: 1e-5, atol: 1e-5 });
    }
  });
});

describe('the other ranges', () => {
  it.each([
    ['unit', (pixel: number) => pixel],
    ['symmetric', (pixel: number) => 2 * pixel - 1],
    [{ mean: 0.4, deviation: 0.25 }, (pixel: number) => (pixel - 0.4) / 0.25],
  ] as const)('%j', async (range, expected) => {
    for (const dtype of ['uint8', 'float32'] as const) {
      const { seen, shown } = await throughGraph({ dtype, range });
      const unit = data.map((pixel) => pixel / 255);
      expect(seen.data).toBeAllClose(unit.map(expected), { rtol: 1e-5, atol: 1e-5 });
      expect(shown.data).toBeAllClose(unit, { rtol: 1e-5, atol: 1e-5 });
      const real = asSamples(dtype === 'uint8' ? bytes : floats, { range, shape });
      expect(real).toBeAllClose(unit, { rtol: 1e-6, atol: 1e-6 });
    }
  });

  it('what a network produces beyond the range is cut off; points are left as they are', async () => {
    const y = input('y', 'float32', ['N', 2]);
    const fed = { y: float32([1, 2], [-5, 40]) };
    const cut = async (range: ExampleFormat['range']) =>
      (await runGraph({ out: toPixels(y, { range, shape: [2], dtype: 'float32' }) }, fed))['out']!.data;
    for (const range of ['unit', 'symmetric', { contrast: 1 }, { mean: 0.5, deviation: 0.2 }] as const)
      expect([...(await cut(range))]).toEqual([0, 1]);
    expect([...(await cut('data'))]).toEqual([-5, 40]);
    expect([...asSamples(Float32Array.of(-5, 40), { range: 'data', shape: [2] })]).toEqual([-5, 40]);
  });
});
