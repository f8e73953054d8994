/**
 * How near runs come to the alarms of src/train/alarms.ts, as the table of docs/diagnosis.md:
 *
 *     npx tsx scripts/diagnosis-margins.ts runs/digits-1 runs/mnist-1
 *
 * With `--data`, the arguments are data sets instead: how their own examples spread, four hundred and more steps later.
 *
 *     npx tsx scripts/diagnosis-margins.ts --data digits mnist ring8 grid25
 *
 * With `--record`, writes what the alarms hear of the first 5,000 steps into test/reference/preset-runs.json, on which
 * src/train/diagnosis.test.ts sees that they stay silent.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { minibatches } from '../src/data/minibatches.ts';
import { asSamples } from '../src/gan/example-format.ts';
import { nonSaturating } from '../src/gan/losses/cross-entropy.ts';
import { elementCount } from '../src/graph/tensor.ts';
import { discriminatorWins, oscillation, type SheetRow, type StepRow } from '../src/train/alarms.ts';
import { Diagnosis } from '../src/train/diagnosis.ts';
import { sheetSpread } from '../src/train/sheet-spread.ts';

/** A run as its log has it. */
interface Run {
  readonly name: string;
  readonly steps: readonly StepRow[];
  readonly sheets: readonly SheetRow[];
  readonly found: readonly string[];
}

function readRun(path: string): Run {
  const isFolder = statSync(path).isDirectory();
  const log = isFolder ? join(path, 'metrics.jsonl') : path;
  const entries = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  // Heard again, by the alarms of today.
  const diagnosis = new Diagnosis({ loss: nonSaturating });
  const config = isFolder ? (JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as object) : {};
  return {
    name: 'preset' in config ? String(config.preset) : path.replace(/^.*\/|\.jsonl$/g, ''),
    steps: entries.filter((entry) => 'D(G(z))' in entry) as unknown as StepRow[],
    sheets: entries.filter((entry) => 'diversity' in entry) as unknown as SheetRow[],
    found: entries.flatMap((entry) => diagnosis.hear(entry)).map(({ condition }) => condition),
  };
}

/** The largest or least of a figure over a run, by an alarm that listens to its steps. */
function extreme(
  run: Run,
  alarm: ReturnType<typeof oscillation>,
  figure: string,
  pick: 'max' | 'min',
): string {
  const values = run.steps.flatMap((row) => alarm.step!(row)?.figures[figure] ?? []);
  return values.length === 0 ? '-' : String(Number(Math[pick](...values).toPrecision(2)));
}

function tableRow(run: Run): string {
  const varied = run.sheets.find(({ diversity, duplicates }) => diversity >= 0.5 && duplicates <= 0.9);
  const last = run.sheets.at(-1);
  const two = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
  const cells = [
    run.name,
    run.steps.at(-1)?.step,
    extreme(run, discriminatorWins(), 'D(G(z))', 'min'),
    `${extreme(run, oscillation(10), 'swings', 'max')}, ${extreme(run, oscillation(100), 'swings', 'max')}`,
    varied?.step ?? '-',
    `${two(last?.diversity)}, ${two(last?.duplicates)}`,
    last?.energyDistance.toFixed(3) ?? '-',
    run.found.length === 0 ? 'none' : run.found.join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Steps that are recorded. */
const RECORDED = 5000;
/** Steps of a block, whose means are recorded: no alarm looks closer. */
const BLOCK = 10;

function recorded({ steps, sheets }: Run): object {
  const four = (value: number): number => Number(value.toPrecision(4));
  const blocks: number[][] = [];
  for (let from = 0; from + BLOCK <= Math.min(RECORDED, steps.length); from += BLOCK) {
    const rows = steps.slice(from, from + BLOCK);
    const mean = (key: 'D(x)' | 'D(G(z))'): number => rows.reduce((sum, row) => sum + row[key], 0) / BLOCK;
    blocks.push([four(mean('D(x)')), four(mean('D(G(z))'))]);
  }
  const shown = sheets.filter(({ step }) => step <= RECORDED);
  return {
    blocks,
    sheets: shown.map((row) => [row.step, ...[row.diversity, row.duplicates, row.energyDistance].map(four)]),
  };
}

/** Real examples of four other stretches, beside those that a run of seed 1 is measured by. */
async function dataRows(name: string): Promise<string[]> {
  const dataset = await loadDataset(name);
  const { exampleShape } = dataset;
  const batches = minibatches(dataset, { batch: 100, seed: 1 });
  const isImage = batches.dtype === 'uint8';
  const examples = { shape: exampleShape, dtype: batches.dtype, range: isImage ? 'unit' : 'data' } as const;
  const spreadOf = sheetSpread({ examples }, batches);
  const size = elementCount(exampleShape);
  const count = isImage ? 1 : 5;
  return [400, 405, 410, 415].map((first) => {
    const data = isImage ? new Uint8Array(100 * size) : new Float32Array(500 * size);
    for (let i = 0; i < count; i++) batches.fill(first + i, 0, data, i * 100 * size);
    const sheet = { dtype: 'float32', shape: [100 * count, size], data: asSamples(data, examples) } as const;
    const { diversity, duplicates, energyDistance } = spreadOf(sheet)!;
    const cells = [diversity.toFixed(2), duplicates.toFixed(2), energyDistance.toFixed(4)];
    return `| ${[name, ...cells].join(' | ')} |`;
  });
}

const [, , ...given] = process.argv;
if (given[0] === '--data') {
  console.log('| data | diversity | duplicates | energy distance |\n| --- | --- | --- | --- |');
  for (const name of given.slice(1)) for (const row of await dataRows(name)) console.log(row);
  process.exit();
}
const runs = given.filter((it) => it !== '--record').map(readRun);
const heads = [
  'preset',
  'steps',
  'least D(G(z)) over 500 steps',
  'most swings in 500, 5,000 steps',
  'varied by step',
  'diversity, duplicates at the end',
  'energy distance',
  'findings',
];
console.log(`| ${heads.join(' | ')} |\n|${' --- |'.repeat(heads.length)}`);
for (const run of runs) console.log(tableRow(run));
if (given.includes('--record')) {
  const content = Object.fromEntries(runs.map((run) => [run.name, recorded(run)]));
  writeFileSync(
    new URL('../test/reference/preset-runs.json', import.meta.url),
    `${JSON.stringify(content, undefined, 1)}\n`,
  );
}
