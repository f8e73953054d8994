/**
 * Entry of the process that tries one device: `node-probe DEVICE THREADS`. It prints a ProbeResult as JSON. A process of
 * its own, because a broken GPU driver may end it.
 */
import { matmul } from '../graph/functions/linear-algebra.ts';
import { sum } from '../graph/functions/reductions.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import type { Executor } from './executor.ts';
import { type DeviceChoice, openNodeExecutor } from './node.ts';

/** What a device came to: its speed, or why there is none. */
export type ProbeResult = { readonly gflopPerSecond: number } | { readonly unavailable: string };

const SIZE = 512;
const PRODUCTS = 8;
const MEASURE_MS = 250;

/** float32 matrix products of 512 x 512, eight in a row; the best run of a quarter of a second, in GFLOP/s. */
async function measure(executor: Executor): Promise<number> {
  const x = input('x', 'float32', [SIZE, SIZE]);
  let product = x;
  for (let i = 0; i < PRODUCTS; i++) product = matmul(product, x);
  const { bytes } = encodeModel({ name: 'matmul', outputs: { y: sum(product) } });
  const executable = await executor.load('matmul', bytes);
  // Rows that sum to 1 keep the products at their size.
  const data = new Float32Array(SIZE ** 2).fill(1 / SIZE);
  const feed: Tensor = { dtype: 'float32', shape: [SIZE, SIZE], data };
  await executable.run({ x: feed });
  let best = Number.POSITIVE_INFINITY;
  for (const end = performance.now() + MEASURE_MS; performance.now() < end; ) {
    const start = performance.now();
    await executable.run({ x: feed });
    best = Math.min(best, performance.now() - start);
  }
  await executable.release();
  return (2 * SIZE ** 3 * PRODUCTS) / best / 1e6;
}

async function probe(device: DeviceChoice, threads: number): Promise<ProbeResult> {
  try {
    return { gflopPerSecond: await measure(await openNodeExecutor({ device, threads })) };
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

const [, , device, threads] = process.argv;
const result = await probe(device as DeviceChoice, Number(threads));
// WebAssembly's threads would keep the process alive.
process.stdout.write(JSON.stringify(result), () => process.exit());
