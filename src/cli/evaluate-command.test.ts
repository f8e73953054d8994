import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainImages, trainRing } from '../../test/trained-run.ts';
import type { Tensor } from '../graph/tensor.ts';
import { encodeNpy } from '../io/npy.ts';
import { fillUniform } from '../random/uniform.ts';
import { evaluateCommand } from './evaluate-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zerosum-evaluate-'));
const at = (name: string): string => join(folder, name);
const SIZE = 24;

/** Grey images of 6 x 4 pixels: a bright bar in one of the columns, over noise. */
function bars(count: number, seed: number): Float32Array<ArrayBuffer> {
  const pixels = new Float32Array(count * SIZE);
  fillUniform({ seed, stream: 3 }, 0, pixels, 0, 0.3);
  for (let row = 0; row < count; row++)
    for (let y = 0; y < 6; y++) pixels[row * SIZE + y * 4 + ((row * 7) % 4)]! += 0.6;
  return pixels;
}

const save = (name: string, tensor: Tensor): void => writeFileSync(at(name), encodeNpy(tensor));
const floats = (data: Float32Array<ArrayBuffer>, shape: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data,
});

beforeAll(async () => {
  const bytes = Uint8Array.from(bars(3000, 1), (value) => Math.round(255 * value));
  save('data.npy', { dtype: 'uint8', shape: [3000, 6, 4], data: bytes });
  save('samples.npy', floats(bars(400, 2), [400, 6, 4]));
  save('copies.npy', { dtype: 'uint8', shape: [400, SIZE], data: bytes.slice(0, 400 * SIZE) });
  save('equal.npy', floats(new Float32Array(400 * SIZE).fill(0.5), [400, SIZE]));
  save('few.npy', floats(bars(20, 2), [20, SIZE]));
  save('wide.npy', floats(new Float32Array(400 * 25).fill(0.5), [400, 25]));
  save(
    'symmetric.npy',
    floats(
      bars(400, 2).map((value) => 2 * value - 1),
      [400, SIZE],
    ),
  );
  const holed = bars(400, 2);
  holed[1234] = Number.NaN;
  save('holed.npy', floats(holed, [400, SIZE]));
  await trainRing(at('ring'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `zerosum evaluate ...`; paths that end in `.npy`, `.html` or `.onnx` lie in the test's folder. */
async function evaluate(...argv: string[]): Promise<{ out: string; said: string }> {
  const [out, said]: [string[], string[]] = [[], []];
  const words = argv.map((word) =>
    /\.(npy|html|onnx)$/.test(word) || ['ring', 'normalised'].includes(word) ? at(word) : word,
  );
  await evaluateCommand({
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => said.push(text) },
  })
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync([...words, '--threads', '1'], { from: 'user' });
  return { out: out.join(''), said: said.join('') };
}

describe('samples of another program', () => {
  it('are measured against an array, which is split where it says nothing about a split', async () => {
    const { out, said } = await evaluate(
      '--samples',
      'samples.npy',
      '--data',
      'data.npy',
      '--metrics',
      'neighbours,parzen,twoSample',
      '--json',
      '--report',
      'report.html',
    );
    expect(said).toContain('data has no held-out examples: 300 of its 3000 stand in for them');
    const evaluation = JSON.parse(out);
    expect(Object.keys(evaluation).sort()).toEqual([
      'neighbours',
      'notices',
      'parzen',
      'subject',
      'twoSample',
    ]);
    expect(evaluation.subject).toMatchObject({ samples: 400, source: at('samples.npy') });
    expect(evaluation.neighbours.medianDistanceRatio).toBeCloseTo(1, 1);
    const { parzen } = evaluation;
    expect(parzen.logLikelihood).toBeLessThan(parzen.baselines.kMeans);
    expect(parzen.protocol).toMatchObject({ samples: 400, validation: 300, test: 300, dimension: SIZE });
    const page = readFileSync(at('report.html'), 'utf8');
    expect(page).toContain(parzen.logLikelihood.toFixed(1));
    expect(page).toContain('data:image/png;base64,');
  }, 60_000);

  it('are told to be copies where they are', async () => {
    const { out } = await evaluate(
      '--samples',
      'copies.npy',
      '--data',
      'data.npy',
      '--metrics',
      'neighbours',
    );
    // A fifth of the examples stands in for held-out ones.
    const found = Number(/(\d+) of 400 samples pass for copies/.exec(out.replace(/\s+/g, ' '))?.[1]);
    expect(found).toBeGreaterThan(280);
  }, 30_000);

  it('are measured as far as the data allows, with a word on the rest', async () => {
    const { out, said } = await evaluate('--samples', 'equal.npy', '--data', 'data.npy');
    expect(said).toContain('data has no labels to learn features from');
    expect(out).toContain('All 400 samples are equal');
    expect(out).toContain('Parzen log-likelihood');
  }, 60_000);
});

describe('a run of points', () => {
  it('is measured against its density and gets a report', async () => {
    const { out } = await evaluate('ring', '-n', '500', '--metrics', 'jsd,modesCovered', '--json');
    const evaluation = JSON.parse(out);
    expect(evaluation.jsd.value).toBeGreaterThan(0.5);
    expect(evaluation.modesCovered).toMatchObject({ total: 8 });
    expect(existsSync(join(at('ring'), 'report.html'))).toBe(true);
    expect(JSON.parse(readFileSync(join(at('ring'), 'evaluation.json'), 'utf8'))).toEqual(evaluation);
  }, 30_000);
});

describe('a run that sees contrast-normalised images', () => {
  it('is said to be measured in a space of its own', async () => {
    await trainImages(
      at('normalised'),
      'range={"contrast":1}',
      'generator.layers=[{"dense":12},"relu",{"dense":"data"}]',
    );
    const { out } = await evaluate(
      'normalised',
      '--data',
      'data.npy',
      '-n',
      '200',
      '--metrics',
      'neighbours',
    );
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'real images are contrast-normalised here, as the networks of this run see them',
    );
    const { out: plain } = await evaluate(
      '--samples',
      'samples.npy',
      '--data',
      'data.npy',
      '--metrics',
      'neighbours',
    );
    expect(plain).not.toContain('contrast-normalised');
  }, 60_000);
});

describe('what cannot be measured is said in one line', () => {
  it.each([
    [[], 'evaluate: either a run or --samples FILE must say what to evaluate, got neither'],
    [
      ['ring', '--samples', 'samples.npy'],
      'evaluate: either a run or --samples FILE must say what to evaluate, got both',
    ],
    [['--samples', 'samples.npy'], 'evaluate: --samples must come with --data NAME|PATH'],
    [['--samples', 'none.npy', '--data', 'data.npy'], 'ENOENT'],
    [
      ['--samples', 'few.npy', '--data', 'data.npy'],
      'samples must be 100 or more for any measure to mean something, got 20',
    ],
    [
      ['--samples', 'wide.npy', '--data', 'data.npy'],
      'samples must be [N, 1, 6, 4] (24 numbers an example) to be measured against',
    ],
    [['--samples', 'symmetric.npy', '--data', 'data.npy'], 'pixels of samples must lie in [0, 1], got -'],
    [['--samples', 'holed.npy', '--data', 'data.npy'], 'NaN'],
    [
      ['--samples', 'samples.npy', '--data', 'data.npy', '--metrics', 'parsen'],
      '--metrics: unknown measure parsen',
    ],
    [
      ['--samples', 'samples.npy', '--data', 'data.npy', '--metrics', 'modes'],
      '--metrics: modes must be a measure that',
    ],
    [['--samples', 'samples.npy', '--data', 'data.npy', '--metrics', 'jsd'], 'got one that needs points'],
    [
      ['--samples', 'samples.npy', '--data', 'data.npy', '--features', 'none.onnx', '--metrics', 'frechet'],
      'none.onnx must be an ONNX file that can be read',
    ],
    [
      ['ring', '--metrics', 'parzen'],
      '--metrics: parzen must be a measure that ring8 allows, got one that needs images',
    ],
    [['ring', '--data', 'grid25', '--checkpoint', '77'], '--checkpoint'],
  ])(
    '%j',
    async (argv, message) => {
      await expect(evaluate(...argv)).rejects.toThrow(message);
    },
    20_000,
  );
});
