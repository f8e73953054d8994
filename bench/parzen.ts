/**
 * The Parzen window log-likelihood of 10,000 test images under 10,000 samples, 784 pixels each, beside PyTorch's time for the
 * same formula. All engines are alive throughout and run in turns:
 *
 *     npx tsx bench/parzen.ts            # a minute; writes bench/parzen.md
 *     npx tsx bench/parzen.ts --quick    # two rounds; prints only
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable } from '../scripts/markdown-table.ts';
import type { FiniteDataset } from '../src/data/dataset.ts';
import { loadDataset } from '../src/data/disk/load-dataset.ts';
import { parzenLogLikelihoods } from '../src/eval/parzen.ts';
import { imageRows } from '../src/evaluation/evaluate-images.ts';
import type { Tensor } from '../src/graph/tensor.ts';
import { encodeNpy } from '../src/io/npy.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { machine, median } from './results.ts';
import { pythonWithTorch } from './scenarios.ts';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, python: { type: 'string' } },
});
const ROUNDS = flags.quick ? 2 : 7;
const COUNT = 10_000;
const SIGMA = 0.2;

/** Something that computes the log-likelihood and says how long it took. */
interface Engine {
  readonly name: string;
  readonly threads: number;
  run(): Promise<{ readonly seconds: number; readonly logLikelihood: number }>;
  close(): Promise<void>;
}

async function zerosum(
  samples: Tensor<'float32'>,
  test: Tensor<'float32'>,
  threads: number,
): Promise<Engine> {
  const session = await openSession({ device: 'cpu', threads });
  return {
    name: 'zerosum',
    threads,
    async run() {
      const start = performance.now();
      const all = await parzenLogLikelihoods(session, samples, test, SIGMA);
      const seconds = (performance.now() - start) / 1000;
      return { seconds, logLikelihood: all.reduce((total, value) => total + value, 0) / all.length };
    },
    close: () => session.release(),
  };
}

async function pytorch(python: string, paths: readonly string[], threads: number): Promise<Engine> {
  const script = fileURLToPath(new URL('pytorch_parzen.py', import.meta.url));
  const [samples, test] = paths as [string, string];
  const child: ChildProcess = spawn(
    python,
    [script, '--threads', String(threads), '--samples', samples, '--test', test],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string);
  const { ready, unavailable } = await next();
  if (unavailable !== undefined) throw new Error(`parzen: ${python} must have PyTorch, got ${unavailable}`);
  return {
    name: `PyTorch ${ready.torch}`,
    threads,
    async run() {
      child.stdin!.write(`${JSON.stringify({ sigma: SIGMA })}\n`);
      return next();
    },
    close: async () => void child.stdin!.end(),
  };
}

// Real digits, or those that every machine can draw: how many exponentials vanish depends on the images.
const dataset = (await loadDataset('mnist').catch(() => loadDataset('digits'))) as FiniteDataset;
const rows = (set: typeof dataset.train): Tensor<'float32'> => {
  const { data, shape } = imageRows(set);
  return { dtype: 'float32', shape: [COUNT, shape[1]!], data: data.slice(0, COUNT * shape[1]!) };
};
const [samples, test] = [rows(dataset.train), rows(dataset.test)];
const folder = mkdtempSync(join(tmpdir(), 'zerosum-parzen-'));
const paths = [join(folder, 'samples.npy'), join(folder, 'test.npy')];
for (const [i, tensor] of [samples, test].entries()) writeFileSync(paths[i]!, encodeNpy(tensor));
const python = pythonWithTorch(flags.python ?? process.env['ZEROSUM_PYTHON']);
const load = loadavg()[0]!.toFixed(2);
const engines = [await zerosum(samples, test, 1), await zerosum(samples, test, 2)];
if (python) for (const threads of [1, 2]) engines.push(await pytorch(python, paths, threads));
else console.log('PyTorch: not measured, no interpreter has it');

const seconds = engines.map(() => [] as number[]);
const found: number[] = [];
// The first round warms up and is not counted.
for (let round = -1; round < ROUNDS; round++)
  for (const [i, engine] of engines.entries()) {
    const result = await engine.run();
    found[i] = result.logLikelihood;
    if (round >= 0) seconds[i]!.push(result.seconds);
  }
for (const engine of engines) await engine.close();
rmSync(folder, { recursive: true });

const torch = engines.flatMap(({ name }, i) => (name.startsWith('PyTorch') ? [i] : []));
const best = torch.reduce<number | undefined>(
  (least, i) => (least === undefined || median(seconds[i]!) < median(seconds[least]!) ? i : least),
  undefined,
);
const table = markdownTable([
  ['engine', 'threads', 'seconds, median', 'min', 'log-likelihood', "against PyTorch's best"],
  ...engines.map(({ name, threads }, i) => [
    name,
    String(threads),
    median(seconds[i]!).toFixed(2),
    Math.min(...seconds[i]!).toFixed(2),
    found[i]!.toFixed(4),
    best === undefined
      ? '-'
      : `${median(seconds[i]!.map((value, round) => value / seconds[best]![round]!)).toFixed(2)} x`,
  ]),
]);
const page = `# Parzen window, 10,000 x 10,000 x 784

${machine()}. ${new Date().toISOString().slice(0, 10)}. Load average before: ${load}.

Written by \`npx tsx bench/parzen.ts\`: the mean log-likelihood of ${COUNT} test images of ${dataset.name} under Gaussians of
deviation ${SIGMA} on ${COUNT} training images, ${ROUNDS} rounds, the engines in turns within each. The last column is the median over the
rounds of an engine's time divided by that of PyTorch's better thread setting in the same round.

${table}
`;
console.log(page);
if (!flags.quick) writeFileSync(fileURLToPath(new URL('parzen.md', import.meta.url)), page);
