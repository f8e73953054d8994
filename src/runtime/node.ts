import type { InferenceSession } from 'onnxruntime-node';
import { ConfigError, ExecutionError } from '../errors.ts';
import { add } from '../graph/functions/elementwise.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { bytesPerElement } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import { oneOf } from '../nearest-name.ts';
import type { Executable, Executor } from './executor.ts';
import { coreCount } from './node-cores.ts';
import { executionError } from './onnx-error.ts';
import { loadExecutable } from './onnx-executable.ts';
import type { Device, SessionOptions } from './session.ts';
import { threadCount, wasmExecutor } from './web.ts';

/** A device, or `auto`: native CPU where onnxruntime-node has a binary for this platform, else WebAssembly. */
export type DeviceChoice = Device | 'auto';

/** How an executor or session is opened in Node. */
export interface NodeSessionOptions extends SessionOptions {
  /** Default `auto`. The GPU devices are only taken where they are named. */
  readonly device?: DeviceChoice | undefined;
}

const openers: { readonly [D in Device]: (threads: number | undefined) => Promise<Executor> } = {
  cpu: openCpu,
  wasm: openWasm,
  webgpu: () => openGpu('webgpu'),
  cuda: () => openGpu('cuda'),
};

/**
 * Opens a device of this machine in the calling thread.
 *
 * @throws ConfigError where the device is unknown or `threads` is not a count
 * @throws ExecutionError where the machine does not have the device, with what to do about it
 */
export async function openNodeExecutor({
  device = 'auto',
  threads,
}: NodeSessionOptions = {}): Promise<Executor> {
  if (device !== 'auto') {
    const open = Object.hasOwn(openers, device) ? openers[device] : undefined;
    if (open) return open(threads);
    const choices = ['auto', ...Object.keys(openers)];
    throw new ConfigError(`openSession: unknown device ${device}. ${oneOf(device, choices)}`);
  }
  try {
    return await openCpu(threads);
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    const wasm = await openWasm(threads);
    return {
      ...wasm,
      notice: `running on wasm, about 3 times slower than cpu: onnxruntime-node has no binary that loads here (${process.platform}-${process.arch})`,
    };
  }
}

/**
 * Threads spin for 50 microseconds between operators, and not at all between runs. Measured on 2 cores in training loops:
 * without spinning, small nets take 1.2 to 1.3 times as long (MNIST-sized ones the same). With ONNX Runtime's default, a
 * millisecond and more, they take 2 to 3 times as long as soon as another program wants a core, and an idle session burns
 * a quarter of one.
 */
const sessionConfig = {
  intra_op: { allow_spinning: '1', spin_duration_us: '50' },
  force_spinning_stop: '1',
  // A saturated discriminator's gradients are denormal numbers, which cost a hundred cycles each.
  set_denormal_as_zero: '1',
};

/**
 * From this size of its inputs on, a program takes its memory from the system and gives it back: ONNX Runtime's arena grows
 * in powers of two and keeps, for each program, the most that it ever held. Smaller programs are faster with it.
 */
const LARGE_BYTES = 2 ** 28;

/** What the inputs of known size take, which for a training program is its state. */
function inputBytes({ inputs }: Executable): number {
  return inputs.reduce((total, { dtype, shape }) => {
    const count = shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : 0), 1);
    return total + count * bytesPerElement(dtype);
  }, 0);
}

async function openCpu(threads: number | undefined): Promise<Executor> {
  const count = threadCount(threads, coreCount());
  const ort = await nativeRuntime('cpu');
  return {
    device: 'cpu',
    threads: count,
    load: async (name, model) => {
      const options: InferenceSession.SessionOptions = {
        executionProviders: ['cpu'],
        intraOpNumThreads: count,
        extra: { session: sessionConfig },
      };
      const executable = await loadExecutable(ort, name, model, options);
      if (inputBytes(executable) < LARGE_BYTES) return executable;
      await executable.release();
      return loadExecutable(ort, name, model, { ...options, enableCpuMemArena: false });
    },
  };
}

/** In Node, onnxruntime-web resolves to a build that reads its file from disk and starts worker threads. */
async function openWasm(threads: number | undefined): Promise<Executor> {
  return wasmExecutor(await import('onnxruntime-web'), { threads });
}

const gpuAdvice = {
  webgpu: 'It needs a Vulkan, Metal or Direct3D 12 driver of the last few years',
  cuda: 'It needs Linux x64, an NVIDIA driver, CUDA 12 with cuDNN 9, and: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12',
};

/** A GPU of ONNX Runtime's native build. State crosses between host and device at every run. */
async function openGpu(device: 'webgpu' | 'cuda'): Promise<Executor> {
  const ort = await nativeRuntime(device);
  const options: InferenceSession.SessionOptions = { executionProviders: [device] };
  const x = input('x', 'float32', [1]);
  const { bytes } = encodeModel({ name: 'probe', outputs: { y: add(x, 1) } });
  try {
    const probe = await loadExecutable(ort, 'probe', bytes, options);
    const { y } = await probe.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
    await probe.release();
    if (y?.data[0] !== 2) throw new Error(`1 + 1 = ${y?.data[0]} on this device`);
  } catch (error) {
    const cause = error instanceof ExecutionError ? error.cause : error;
    throw executionError(`openSession: device ${device} must run a model`, cause, gpuAdvice[device]);
  }
  return { device, threads: 1, load: (name, model) => loadExecutable(ort, name, model, options) };
}

async function nativeRuntime(device: Device): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw executionError(
      `openSession: device ${device} must have a binary of onnxruntime-node for ${process.platform}-${process.arch}`,
      error,
      'Use device wasm',
    );
  }
}
