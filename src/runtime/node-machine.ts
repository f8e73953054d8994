import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { coreCount } from './node-cores.ts';
import { processArguments } from './node-entry.ts';
import type { ProbeResult } from './node-probe.ts';
import type { Device } from './session.ts';

/** How fast a device multiplies matrices. */
interface DeviceSpeed {
  readonly threads: number;
  /** float32, 512 x 512; 10^9 additions and multiplications a second, the best of a quarter of a second. */
  readonly gflopPerSecond: number;
}

/** One device of this machine. */
export interface DeviceReport {
  readonly device: Device;
  /** By thread count; empty where the device is not available. */
  readonly speeds: readonly DeviceSpeed[];
  /** Why the device is not available, and what it needs. */
  readonly unavailable?: string;
}

/** What training on this machine has to go by. */
export interface MachineReport {
  /** Operating system and architecture, `linux-x64`. */
  readonly platform: string;
  readonly processor: string;
  /** The threads that a session on `cpu` takes by default. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly devices: readonly DeviceReport[];
}

const allDevices: readonly Device[] = ['cpu', 'wasm', 'webgpu', 'cuda'];

/**
 * Facts about this machine: what executes graphs here, how fast, and what is missing. Takes about a second for each device
 * and thread count.
 *
 * @param devices - the devices to try; all of them by default
 */
export async function inspectMachine(devices: readonly Device[] = allDevices): Promise<MachineReport> {
  const cores = coreCount();
  const reports: DeviceReport[] = [];
  // One after the other: they would take each other's cores.
  for (const device of devices) {
    const isGpu = device === 'webgpu' || device === 'cuda';
    reports.push(await inspectDevice(device, isGpu ? [1] : threadCounts(cores)));
  }
  return {
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    freeMemoryBytes: freemem(),
    node: process.version,
    onnxRuntime: onnxRuntimeVersion(),
    devices: reports,
  };
}

/** 1, 2, 4, ... and the number of cores. */
function threadCounts(cores: number): readonly number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

async function inspectDevice(device: Device, counts: readonly number[]): Promise<DeviceReport> {
  const speeds: DeviceSpeed[] = [];
  for (const threads of counts) {
    const result = await probe(device, threads);
    if ('unavailable' in result) {
      return { device, speeds, unavailable: result.unavailable.replace(/^openSession: /, '') };
    }
    speeds.push({ threads, gflopPerSecond: result.gflopPerSecond });
  }
  return { device, speeds };
}

async function probe(device: Device, threads: number): Promise<ProbeResult> {
  const command = [...processArguments('node-probe'), device, String(threads)];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 60_000 });
    return JSON.parse(stdout) as ProbeResult;
  } catch (error) {
    const { signal, code } = error as { signal?: string; code?: number };
    return { unavailable: `trying ${device} ended its process (${signal ?? `exit code ${code}`})` };
  }
}

/** The version of ONNX Runtime; its native and WebAssembly packages are pinned to the same one. */
export function onnxRuntimeVersion(): string {
  // Not from the package's exports: importing it loads the native library, which not every machine has.
  const require = createRequire(import.meta.url);
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}
