/**
 * zerosum for Node: what browsers have too, and sessions, data sets and runs on this machine. Nothing else is public.
 *
 * @module zerosum
 */
export * from './core.ts';

// Data sets by name or path: looked for, cached, downloaded, checked.

export { loadDataset } from './data/disk/load-dataset.ts';
export type { LoadEvent, LoadOptions } from './data/disk/load-options.ts';

// Sessions in worker threads: native CPU, WebAssembly, GPUs.

export type { DeviceChoice, NodeSessionOptions } from './runtime/node.ts';
export { openSession } from './runtime/node-session.ts';

// Run folders: what `zerosum train` writes, and the generator in any of them.

export {
  readTrainedGenerator,
  type TrainedGenerator,
  type TrainedGeneratorOptions,
} from './train/disk/trained-generator.ts';
export { type RunEvent, type RunRequest, runTraining } from './train/disk/training-run.ts';
