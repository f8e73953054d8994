import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flats } from '../scripts/flats.ts';
import { dataCommand } from '../src/cli/data-command.ts';
import { sampleCommand } from '../src/cli/sample-command.ts';
import { evaluateRun } from '../src/evaluation/disk/evaluate-run.ts';
import { evaluationText } from '../src/evaluation/evaluation-text.ts';
import { decodeCsv } from '../src/io/csv.ts';
import { decodePng } from '../src/io/png.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { readTrainedGenerator } from '../src/train/disk/trained-generator.ts';
import { type RunRequest, runTraining } from '../src/train/disk/training-run.ts';
import { samplesAt } from '../src/train/draw-samples.ts';
import { sheetLatent } from '../src/train/sheet-latent.ts';
import { trainRing } from './trained-run.ts';

let root: string;
const at = (name: string) => join(root, name);

/** The preset in small: seconds on a busy core. */
const request = (out: string, steps: number): RunRequest => ({
  set: [
    'generator.layers=[{"dense":64},"relu",{"dense":64},"relu",{"dense":"data"},{"gumbelSoftmax":0.2}]',
    'discriminator.layers=[{"dense":64},{"leakyRelu":0.2},{"dense":64},{"leakyRelu":0.2},{"dense":1}]',
    'generator.optimiser.learningRate=2e-3',
    'discriminator.optimiser.learningRate=2e-3',
    'latentDim=16',
    'ema.decay=0.98',
  ],
  flags: {
    data: at('flats.csv'),
    table: { omit: ['key'] },
    device: 'cpu',
    threads: 1,
    batch: 128,
    steps,
    checkpointEvery: 600,
    sampleEvery: 600,
  },
  out: at(out),
});

async function run(asked: RunRequest): Promise<void> {
  for await (const _ of runTraining(asked));
}

async function sample(...argv: string[]): Promise<string> {
  const written: string[] = [];
  const streams = { stdout: { write: (text: string) => written.push(text) }, stderr: { write: () => true } };
  await sampleCommand(streams)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(argv, { from: 'user' });
  return written.join('');
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-table-runs-'));
  // A column that is all keys, which has to be left out by name; one that is the same everywhere.
  const [header, ...rows] = flats(3000).trimEnd().split('\n');
  const lines = rows.map((row, i) => `${row},NL,key${i}`);
  writeFileSync(at('flats.csv'), [`${header},country,key`, ...lines, ''].join('\n'));
  await run(request('run', 600));
  await run(request('start', 1));
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a run on a table keeps what makes numbers rows again', async () => {
  const { record } = await readTrainedGenerator(at('run'));
  expect(record.config).toMatchObject({ preset: 'table', table: { omit: ['key'] } });
  expect(record.dataset).toMatchObject({
    kind: 'points',
    exampleShape: [9],
    table: {
      columns: [
        { name: 'district', categories: ['harbour', 'hills', 'old town', 'riverside'] },
        { name: 'area', kind: 'numeric', decimals: 0 },
        { name: 'rooms', kind: 'numeric', decimals: 0 },
        { name: 'rent', kind: 'numeric', decimals: 2 },
        { name: 'balcony', categories: ['no', 'yes'] },
        { name: 'country', kind: 'constant', value: 'NL' },
      ],
    },
  });
});

test('its samples are CSV with the columns of the table, within their bounds, without the table', async () => {
  const data = readFileSync(at('flats.csv'));
  rmSync(at('flats.csv'));
  try {
    await sample(at('run'), '-n', '1200', '--seed', '3', '--out', at('rows.csv'));
    await sample(at('run'), '-n', '40', '--seed', '3', '--out', at('first.csv'));
    expect(await sample(at('run'), '-n', '2')).toContain(
      'samples-step-600-seed-1.csv: 2 samples of step 600',
    );
  } finally {
    writeFileSync(at('flats.csv'), data);
  }
  const text = readFileSync(at('rows.csv'), 'utf8');
  expect(text.startsWith(readFileSync(at('first.csv'), 'utf8'))).toBe(true);
  const { header, rows } = decodeCsv(readFileSync(at('rows.csv')), 'rows.csv');
  expect(header).toEqual(['district', 'area', 'rooms', 'rent', 'balcony', 'country']);
  expect(rows).toHaveLength(1200);
  for (const [district, area, rooms, rent, balcony, country] of rows as [string, ...string[]][]) {
    expect(['harbour', 'hills', 'old town', 'riverside']).toContain(district);
    expect(area).toMatch(/^\d+$/);
    expect(rooms).toMatch(/^[1-6]$/);
    expect(rent).toMatch(/^\d+\.\d\d$/);
    expect(['no', 'yes']).toContain(balcony);
    expect(country).toBe('NL');
  }
});

test('its categories come as often as the generator gives them, which the most probable of each row would not', async () => {
  const { game, variables } = await readTrainedGenerator(at('run'));
  const session = await openSession({ threads: 1 });
  const count = 1000;
  try {
    const z = sheetLatent(game, 3, count, 'sample/latent');
    const { data } = await samplesAt(game, variables, z, { session });
    await sample(at('run'), '-n', String(count), '--seed', '3', '--out', at('drawn.csv'));
    const { rows } = decodeCsv(readFileSync(at('drawn.csv')), 'drawn.csv');
    const yes = rows.filter((row) => row[4] === 'yes').length / count;
    let [expected, variance] = [0, 0];
    for (let row = 0; row < count; row++) {
      const probability = data[row * 9 + 8]!;
      expected += probability / count;
      variance += (probability * (1 - probability)) / count ** 2;
    }
    expect(variance).toBeGreaterThan(0);
    expect(Math.abs(yes - expected)).toBeLessThan(5 * Math.sqrt(variance));
  } finally {
    await session.release();
  }
});

test('evaluate measures columns and pairs, which 600 steps have brought near the data', async () => {
  const { evaluation } = await evaluateRun({ run: at('run'), count: 2000, threads: 1 });
  const { columns, associations, twoSample } = evaluation;
  expect(columns!.columns.map(({ column }) => column)).toEqual([
    'district',
    'area',
    'rooms',
    'rent',
    'balcony',
  ]);
  const metrics = ['columns', 'associations'];
  const { evaluation: before } = await evaluateRun({ run: at('start'), count: 2000, threads: 1, metrics });
  expect(columns!.value).toBeLessThan(before.columns!.value / 3);
  expect(associations!.value).toBeLessThan(before.associations!.value / 2);
  const pair = associations!.pairs.find((it) => it.columns.join() === 'area,rent')!;
  expect(pair.measure).toBe('pearson');
  expect(pair.fake).toBeGreaterThan(pair.real - 0.3);
  expect(twoSample!.protocol.real).toBe(300);
  const text = stripVTControlCharacters(evaluationText(evaluation));
  expect(text).toContain('Do columns and pairs of columns match?');
  expect(text).toMatch(/columns, mean distance +0\.\d{3}/);
}, 60_000);

test('rows of any program are measured as those of the run are', async () => {
  const metrics = ['columns', 'associations'];
  await sample(at('run'), '-n', '500', '--out', at('given.csv'));
  const { evaluation: own } = await evaluateRun({ run: at('run'), count: 500, threads: 1, metrics });
  const asked = { data: at('flats.csv'), table: { omit: ['key'] }, threads: 1, metrics };
  const { header, rows } = decodeCsv(readFileSync(at('given.csv')), 'given.csv');
  const write = (name: string, lines: readonly (readonly string[])[]): string => {
    writeFileSync(at(name), `${lines.map((cells) => cells.join(',')).join('\n')}\n`);
    return at(name);
  };
  const turned = [header, ...rows].map((cells) => cells.toReversed());
  const { evaluation } = await evaluateRun({ ...asked, samples: write('turned.csv', turned) });
  expect(evaluation.columns!.value).toBeCloseTo(own.columns!.value, 6);
  expect(evaluation.associations!.value).toBeCloseTo(own.associations!.value, 6);

  const refused = (name: string, change: (cells: readonly string[]) => readonly string[]) =>
    expect(evaluateRun({ ...asked, samples: write(name, [header, ...rows].map(change)) })).rejects;
  await refused('short.csv', (cells) => cells.slice(0, 5)).toThrow(
    'short.csv must have all columns of the table (district, area, rooms, rent, balcony, country), got none called country',
  );
  const first = ([district, ...cells]: readonly string[], to: string) => [
    district === 'district' ? 'district' : to,
    ...cells,
  ];
  await refused('moor.csv', (cells) => first(cells, 'moor')).toThrow(
    'moor.csv, column district: must hold categories of the table (harbour, hills, old town, riverside), got "moor" on line 2',
  );
  await refused('named.csv', (cells) => [...cells, 'name']).toThrow("no columns but the table's, got name");
  await expect(evaluateRun({ ...asked, data: 'ring8', samples: at('given.csv') })).rejects.toThrow(
    'omit must be used with a table in a .csv or .tsv file, got ring8',
  );
  await expect(evaluateRun({ data: 'ring8', samples: at('given.csv') })).rejects.toThrow(
    'samples of ring8, which is no table, must come in a .npy file, got rows',
  );
});

test('data preview tells columns of numbers from columns of categories', async () => {
  const written: string[] = [];
  const streams = { stdout: { write: (text: string) => written.push(text) }, stderr: { write: () => true } };
  await dataCommand(streams).parseAsync(
    ['preview', at('flats.csv'), '--omit', 'key', '--categorical', 'rooms', '--out', at('preview.png')],
    { from: 'user' },
  );
  const text = written.join('');
  expect(text).toMatch(/^district +categorical +harbour, hills, old town, riverside$/m);
  expect(text).toMatch(/^area +numeric +\d+ to \d+, mean 6\d\.\d+, deviation 1\d\.\d+$/m);
  expect(text).toMatch(/^rooms +categorical +1, 2, 3, 4/m);
  expect(text).toMatch(/^country +constant +NL$/m);
  expect(decodePng(readFileSync(at('preview.png'))).width).toBeGreaterThan(0);
});

test('a run on points writes no CSV', async () => {
  await trainRing(at('ring'));
  await expect(sample(at('ring'), '--out', at('ring.csv'))).rejects.toThrow(
    'sample: --out must end in .png or .npy for a run on ring8, which is no table',
  );
});

test('other data, networks without an end for categories, and unknown columns are refused in a line', async () => {
  const other = at('other.csv');
  writeFileSync(other, flats(300, 2));
  const again = at('again.csv');
  writeFileSync(again, readFileSync(at('flats.csv'), 'utf8').replaceAll(',yes,', ',sure,'));
  await expect(evaluateRun({ run: at('run'), data: again })).rejects.toThrow(
    'Its samples are in the units of that table',
  );
  const plain = { flags: { data: other, steps: 1 }, out: at('refused') };
  await expect(run({ ...plain, preset: 'ring8' })).rejects.toThrow(
    'the generator of a table with categories must end in gumbelSoftmax, which makes choices of them, got dense',
  );
  await expect(run({ ...plain, set: ['table={"omit":["arae"]}'] })).rejects.toThrow('Did you mean area?');
  await expect(run({ ...plain, set: ['table={"drop":["area"]}'] })).rejects.toThrow(
    'unknown key in table: drop',
  );
  await expect(run({ ...plain, set: ['data=ring8'], flags: { steps: 1 }, preset: 'table' })).rejects.toThrow(
    'gumbelSoftmax must be used with a table, got ring8',
  );
});
