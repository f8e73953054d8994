import { ConfigError } from '../errors.ts';
import type { Executor } from './executor.ts';
import { loadExecutable, type OnnxRuntime } from './onnx-executable.ts';
import type { SessionOptions } from './session.ts';

/** The thread count that was asked for, or the default. @throws ConfigError where it is not a count */
export function threadCount(threads: number | undefined, preset: number): number {
  if (threads === undefined) return preset;
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw new ConfigError(`openSession: threads must be a whole number from 1 up, got ${threads}`);
}

/**
 * Executes on WebAssembly.
 *
 * @param threads - default 1: with 2, the training steps of small and of MNIST-sized nets took 1.0 to 1.7 times as long
 */
export function wasmExecutor(ort: OnnxRuntime, { threads }: SessionOptions = {}): Executor {
  const wanted = threadCount(threads, 1);
  // The runtime starts once in each JavaScript thread, with the number of threads that is set then.
  const running = ort.env.wasm.numThreads;
  const possible = typeof SharedArrayBuffer === 'undefined' ? 1 : (running ?? wanted);
  ort.env.wasm.numThreads = possible;
  return {
    device: 'wasm',
    threads: possible,
    notice:
      possible === wanted
        ? undefined
        : `wasm runs with ${threadsOf(possible)}, not ${wanted}: ${reason(running)}`,
    load: (name, model) => loadExecutable(ort, name, model, { executionProviders: ['wasm'] }),
  };
}

const threadsOf = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`);

const reason = (running: number | undefined): string =>
  running === undefined
    ? 'the page is not cross-origin isolated. Serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp'
    : 'an earlier session of this JavaScript thread has started it so';

/** Executes on WebAssembly in a browser, in the calling thread. A bundler puts the runtime's file beside the code. */
export async function openWebExecutor(options: SessionOptions = {}): Promise<Executor> {
  return wasmExecutor(await import('onnxruntime-web/wasm'), options);
}
