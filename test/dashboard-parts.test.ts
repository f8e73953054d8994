import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../src/server/api.ts';
import { buildGame } from '../src/train/build-game.ts';
import { configFileJsonSchema } from '../src/train/config-json-schema.ts';
import { presets } from '../src/train/presets.ts';
import { resolveConfig } from '../src/train/resolve-config.ts';
import { sheetLatent } from '../src/train/sheet-latent.ts';
import { curvePanels, singleKeyPanels } from '../web/dashboard/curves/curve-panel.ts';
import { smoothed } from '../web/dashboard/curves/smoothing.ts';
import {
  coordinateSlice,
  normOf,
  pathPoint,
  planeThrough,
  pointOf,
  randomSlice,
  sheetZ,
  unusualness,
} from '../web/dashboard/explorer/latent-space.ts';
import { forkCommand, resumeCommand, trainCommand } from '../web/dashboard/new-run/command-line.ts';
import {
  configFields,
  fieldOf,
  fieldText,
  fieldValue,
  type Schema,
} from '../web/dashboard/new-run/config-field.ts';
import { formatAgo, formatBytes, formatDuration, formatFigure } from '../web/dashboard/number-format.ts';
import { type RunSelection, selectRuns } from '../web/dashboard/run-order.ts';

describe('smoothing', () => {
  const steps = [0, 1, 2, 5, 9, 10, 30];
  const values = [3, -1, 4, 1, -5, 9, 2];

  it('weighs a value by a half for every half-life', () => {
    const direct = values.map((_, i) => {
      const weights = steps.slice(0, i + 1).map((step) => 2 ** ((step - steps[i]!) / 4));
      const total = weights.reduce((a, b) => a + b);
      return weights.reduce((sum, weight, j) => sum + weight * values[j]!, 0) / total;
    });
    expect(smoothed(steps, values, 4)).toBeAllClose(direct, { rtol: 1e-12 });
    expect(smoothed(steps, values, 0)).toEqual(values);
  });

  it('keeps the level of what does not change', () => {
    expect(
      smoothed(
        steps,
        steps.map(() => 7),
        3,
      ),
    ).toBeAllClose(
      steps.map(() => 7),
      { rtol: 1e-12 },
    );
  });
});

describe('panels', () => {
  const keys = [
    'lossD',
    'D(G(z))',
    'penalty/r1',
    'p',
    'lossG',
    'D(x)',
    'diversity',
    'gradientNorm/generator',
  ];

  it('show every key once, unknown ones by themselves', () => {
    expect(
      curvePanels(keys)
        .flatMap((panel) => panel.keys)
        .sort(),
    ).toEqual([...keys].sort());
    expect(curvePanels(keys).find(({ title }) => title === 'p')?.keys).toEqual(['p']);
    expect(
      singleKeyPanels(curvePanels(keys))
        .map(({ title }) => title)
        .sort(),
    ).toEqual([...keys].sort());
  });
});

describe('z space', () => {
  it.each(['uniform', 'gaussian', 'spherical'] as const)('has the z of the sheets: %s', (latent) => {
    const config = resolveConfig({ preset: 'ring8', set: [`latent=${latent}`, 'latentDim=7'] });
    const game = buildGame(config, { kind: 'points', exampleShape: [2], dtype: 'float32', name: 'ring8' });
    const space = { latent, latentDim: 7 };
    for (const [part, row] of [
      [0, 0],
      [0, 63],
      [2, 41],
    ] as const) {
      const { data } = sheetLatent(game, 5, 100, undefined, part);
      expect(sheetZ(space, 5, 100 * part + row)).toEqual(data.slice(7 * row, 7 * row + 7));
    }
  });

  const space = { latent: 'gaussian', latentDim: 12 } as const;
  const z = sheetZ(space, 1, 0);

  it('has planes through a point, at right angles or along two coordinates', () => {
    const { origin, first, second } = randomSlice(space, z, 3);
    expect(pointOf(space, { origin, first, second }, 0, 0)).toEqual(z);
    expect(first.reduce((sum, value, i) => sum + value * second[i]!, 0)).toBeCloseTo(0, 4);
    expect(normOf(first)).toBeCloseTo(Math.sqrt(12), 4);
    expect(randomSlice(space, z, 4).first).not.toEqual(first);
    const along = coordinateSlice(space, z, 2, 5);
    expect(pointOf(space, along, z[2]! / 3, z[5]! / 3)).toBeAllClose(z, { rtol: 1e-6 });
  });

  it('has the plane of three points and the lines between them', () => {
    const [a, b, c] = [1, 2, 3].map((number) => sheetZ(space, 1, number)) as [typeof z, typeof z, typeof z];
    const slice = planeThrough([a, b, c]);
    expect(pointOf(space, slice, -0.5, -0.5)).toBeAllClose(a, { atol: 1e-6 });
    expect(pointOf(space, slice, 0.5, -0.5)).toBeAllClose(b, { atol: 1e-6 });
    expect(pointOf(space, slice, -0.5, 0.5)).toBeAllClose(c, { atol: 1e-6 });
    for (const [t, point] of [
      [0, a],
      [1, b],
      [2, c],
    ] as const)
      expect(pathPoint(space, [a, b, c], t)).toBeAllClose(point, { atol: 1e-6 });
    expect(pathPoint(space, [a, b, c], 1.5)).toBeAllClose(
      b.map((value, i) => (value + c[i]!) / 2),
      { atol: 1e-6 },
    );
  });

  it('stays where training draws z from, or says how unusual it is', () => {
    const far = z.map((value) => 9 * value);
    const still = { origin: far, first: z, second: z };
    expect(normOf(pointOf({ latent: 'spherical', latentDim: 12 }, still, 0, 0))).toBeCloseTo(1, 6);
    const inBox = pointOf({ latent: 'uniform', latentDim: 12 }, still, 0, 0);
    expect(Math.max(...inBox.map(Math.abs))).toBeCloseTo(Math.sqrt(3), 6);
    expect(unusualness(space, far)).toBeGreaterThan(10);
    const norms = Array.from({ length: 400 }, (_, number) => unusualness(space, sheetZ(space, 2, number)));
    expect(norms.filter((deviations) => Math.abs(deviations) > 3).length).toBeLessThan(8);
  });
});

describe('the form', () => {
  const schema = configFileJsonSchema() as Schema;

  it.each(Object.keys(presets))(
    'has fields for all of preset %s, each by a path that --set takes',
    (preset) => {
      const config = resolveConfig({ preset });
      const fields = configFields(schema, config as unknown as Record<string, unknown>, ['preset']);
      const set = fields
        .filter((field) => field.preset !== undefined)
        .map((field) => `${field.path}=${JSON.stringify(fieldValue(fieldText(field.preset)))}`);
      expect(resolveConfig({ preset, set })).toEqual(config);
      for (const key of Object.keys(config)) {
        if (key !== 'preset')
          expect(
            fields.some(({ path }) => path === key || path.startsWith(`${key}.`)),
            key,
          ).toBe(true);
      }
      for (const { path, description } of fields) expect(description, path).not.toBe('');
    },
  );

  it('finds the field that a complaint is about', () => {
    const paths = ['k', 'generator.layers', 'generator.optimiser.learningRate'];
    expect(fieldOf('generator.layers[2].dense', paths)).toBe('generator.layers');
    expect(fieldOf('generator.optimiser.learningRate.linear.from', paths)).toBe(
      'generator.optimiser.learningRate',
    );
    expect(fieldOf('kernel', paths)).toBeUndefined();
  });

  it('shows commands that a shell takes apart as they are meant', () => {
    const words = (command: string): string[] =>
      execFileSync('sh', ['-c', `npx() { printf '%s\\n' "$@"; }; ${command}`], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
    const set = {
      k: 2,
      'loss.name': 'minimax',
      note: '2',
      penalties: [{ r1: { gamma: 0.1 } }],
      quote: "it's",
    };
    expect(
      words(
        trainCommand(
          { data: 'x', preset: 'digits', steps: 5, seed: 0, set, name: 'a-1' },
          './my photos',
          'runs',
        ),
      ),
    ).toEqual([
      'zerosum',
      'train',
      './my photos',
      '--preset',
      'digits',
      '--steps',
      '5',
      '--seed',
      '0',
      '--set',
      'k=2',
      '--set',
      'loss.name=minimax',
      '--set',
      'note="2"',
      '--set',
      'penalties=[{"r1":{"gamma":0.1}}]',
      '--set',
      "quote=it's",
      '--out',
      'runs/a-1',
    ]);
    expect(words(forkCommand('runs/a', { step: 10, name: 'b' }, '/else where'))).toEqual([
      'zerosum',
      'train',
      '--from',
      'runs/a',
      '--checkpoint',
      '10',
      '--out',
      '/else where/b',
    ]);
    expect(words(resumeCommand('a', 20))).toEqual([
      'zerosum',
      'train',
      '--resume',
      '--out',
      'a',
      '--steps',
      '20',
    ]);
  });
});

describe('the order of runs', () => {
  const run = (name: string, more: Partial<RunSummary>): RunSummary => ({
    id: name,
    name,
    data: 'ring8',
    preset: 'ring8',
    seed: 1,
    state: 'finished',
    step: 0,
    updatedAt: 0,
    latest: {},
    headline: [],
    ...more,
  });
  const jsd = (value: number): Partial<RunSummary> => ({
    headline: [{ name: 'jsd', value, better: 'lower' }],
  });
  const all = [
    run('b-10', { updatedAt: 5, ...jsd(0.3) }),
    run('b-9', { updatedAt: 9, ...jsd(0.1), finding: 'collapsed' }),
    run('a', { state: 'running', updatedAt: 1, step: 7 }),
    run('c', { state: 'running', updatedAt: 8, step: 3 }),
  ];
  const names = (selection: Partial<RunSelection>): string[] =>
    selectRuns(all, { search: '', states: [], order: 'activity', reversed: false, ...selection }).map(
      ({ name }) => name,
    );

  it('has what is at work first, in an order that does not move, then what changed last', () => {
    expect(names({})).toEqual(['a', 'c', 'b-9', 'b-10']);
    expect(names({ order: 'name' })).toEqual(['a', 'b-9', 'b-10', 'c']);
    expect(names({ order: 'step' })).toEqual(['a', 'c', 'b-9', 'b-10']);
    expect(names({ order: 'measure:jsd' }).slice(0, 2)).toEqual(['b-9', 'b-10']);
    expect(names({ order: 'name', reversed: true })).toEqual(['c', 'b-10', 'b-9', 'a']);
    expect(names({ search: 'RING collapsed' })).toEqual(['b-9']);
    expect(names({ states: ['running'] })).toEqual(['a', 'c']);
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect(
      [0.42813, -8.4759e-4, 0, Number.NaN, 1234567, 128.75, undefined].map((value) => formatFigure(value)),
    ).toEqual(['0.4281', '-8.48e-4', '0', 'NaN', '1.23e6', '128.8', '–']);
    expect([4.6, 200, 3600, 100_000, 1e6].map(formatDuration)).toEqual([
      '5 s',
      '3 min 20 s',
      '1 h',
      '27 h 46 min',
      '11 d 13 h',
    ]);
    expect([3000, 42_000, 7.2e6, 1e9].map(formatAgo)).toEqual(['now', '40 s ago', '2 h ago', '11 d ago']);
    expect([812, 3_412_000].map(formatBytes)).toEqual(['812 B', '3.41 MB']);
  });
});
