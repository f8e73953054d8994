/**
 * Measures whether training on a folder of images depends on how many there are: seconds to start, the first time and
 * again, memory, steps a second. Each folder is trained on by a process of its own, in turns:
 *
 *     npx tsx bench/image-folder.ts                        # 1,000 and 50,000 images; writes bench/image-folder.md
 *     npx tsx bench/image-folder.ts --counts 100,1000 --steps 100 --rounds 2    # prints only
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable } from '../scripts/markdown-table.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { encodePng } from '../src/io/png.ts';
import { fillBits } from '../src/random/threefry.ts';
import { runTraining } from '../src/train/disk/training-run.ts';
import { machine, median } from './results.ts';

const { values } = parseArgs({
  options: {
    counts: { type: 'string' },
    size: { type: 'string', default: '32' },
    steps: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
    preset: { type: 'string' },
    folder: { type: 'string' },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  },
});

/** What one process measures: seconds to start, steps a second, peak memory in bytes. */
interface Measured {
  readonly startSeconds: number;
  readonly stepsPerSecond: number;
  readonly peakBytes: number;
}

if (values.folder === undefined) measureAll();
else process.stdout.write(JSON.stringify(await measure(values.folder)));

function measureAll(): void {
  const counts = (values.counts ?? '1000,50000').split(',').map(Number);
  const root = mkdtempSync(join(tmpdir(), 'zerosum-bench-images-'));
  try {
    const folders = counts.map((count) => ({ count, folder: draw(join(root, String(count)), count) }));
    const load = loadavg()[0]!.toFixed(2);
    const first = folders.map(({ folder }) => inProcess(root, folder, 1));
    const rounds = Array.from({ length: Number(values.rounds) }, () =>
      folders.map(({ folder }) => inProcess(root, folder, Number(values.steps))),
    );
    const text = report(counts, first, rounds, load);
    console.log(text);
    if (values.counts === undefined)
      writeFileSync(fileURLToPath(new URL('image-folder.md', import.meta.url)), `${text}\n`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** A folder of PNG files of 40 x 40 pixels, no two alike. */
function draw(folder: string, count: number): string {
  mkdirSync(folder);
  const side = 40;
  const words = new Uint32Array(16);
  for (let i = 0; i < count; i++) {
    fillBits({ seed: 1, stream: 1 }, i, words, 0);
    // A few waves each: noise would not compress, and decode slower than photographs do.
    const data = Uint8Array.from({ length: 3 * side * side }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      const phase = (words[at % 3]! % 628) / 100;
      return 128 + 100 * Math.sin(phase + ((words[3]! % 7) * x + (words[4]! % 7) * y) / 20);
    });
    writeFileSync(join(folder, `${i}.png`), encodePng({ width: side, height: side, channels: 3, data }));
  }
  return folder;
}

function inProcess(root: string, folder: string, steps: number): Measured {
  const script = fileURLToPath(import.meta.url);
  const flags = ['--folder', folder, '--steps', String(steps), '--size', values.size];
  if (values.preset !== undefined) flags.push('--preset', values.preset);
  const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, script, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, ZEROSUM_CACHE: join(root, 'cache') },
  });
  if (status !== 0) throw new Error(`image-folder: ${folder} failed: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

async function measure(folder: string): Promise<Measured> {
  const images = { size: Number(values.size) };
  const start = performance.now();
  await loadDataset(folder, { images });
  const startSeconds = (performance.now() - start) / 1000;
  const steps = Number(values.steps);
  const every = { checkpointEvery: steps, sampleEvery: steps };
  const out = mkdtempSync(join(tmpdir(), 'zerosum-bench-run-'));
  const rates: number[] = [];
  try {
    const flags = { data: folder, images, steps, ...every };
    for await (const event of runTraining({ preset: values.preset, flags, out }))
      if (event.type === 'metrics') rates.push(event.rows.length / event.seconds);
  } finally {
    rmSync(out, { recursive: true });
  }
  // The first chunk warms up.
  const stepsPerSecond = median(rates.length > 1 ? rates.slice(1) : rates);
  return { startSeconds, stepsPerSecond, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

function report(
  counts: readonly number[],
  first: readonly Measured[],
  rounds: readonly (readonly Measured[])[],
  load: string,
): string {
  const of = (i: number, key: keyof Measured) => median(rounds.map((round) => round[i]![key]));
  const rows = counts.map((count, i) => {
    const ratio = median(rounds.map((round) => round[i]!.stepsPerSecond / round[0]!.stepsPerSecond));
    return [
      count.toLocaleString('en'),
      `${first[i]!.startSeconds.toFixed(1)} s`,
      `${of(i, 'startSeconds').toFixed(2)} s`,
      `${(of(i, 'peakBytes') / 1e6).toFixed(0)} MB`,
      of(i, 'stepsPerSecond').toFixed(1),
      `${ratio.toFixed(3)} x`,
    ];
  });
  const titles = [
    'images',
    'first start',
    'later starts',
    'peak memory',
    'steps a second',
    'against the first',
  ];
  return `# Training on folders of few and of many images

${machine()}. ${values.date}. Load average before: ${load}.

Written by \`npx tsx bench/image-folder.ts\`: PNG files of 40 x 40 pixels read at ${values.size} x ${values.size}, preset
${values.preset ?? 'that suits them'}, ${values.steps} steps, ${values.rounds} rounds, each folder by a process of its own, in turns. Starting
is to have the data set, from the first look at the folder; the first time every file is decoded. The last column is the median
over the rounds of the ratio within a round. Memory is the peak of the whole process, with networks and ONNX Runtime.

${markdownTable([titles, ...rows])}`;
}
