/**
 * zerosum for Node: what browsers have too, and sessions, data sets and runs on this machine. Nothing else is public.
 *
 * @module zerosum
 */
export * from './core.ts';

// Data sets by name or path: looked for, cached, downloaded, checked.

export { loadDataset } from './data/disk/load-dataset.ts';
export type { LoadEvent, LoadOptions } from './data/disk/load-options.ts';
export type { ImageReading } from './data/image-reading.ts';

// Features: the classifier of a data set from the cache, or any ONNX file.

export {
  type LoadClassifierOptions,
  loadClassifier,
} from './learned/disk/load-classifier.ts';
export { loadUserFeatures } from './learned/disk/load-user-features.ts';

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

// Evaluation of runs and of files of samples: what `zerosum evaluate` does.

export {
  type EvaluationRequest,
  type EvaluationResult,
  evaluateRun,
} from './evaluation/disk/evaluate-run.ts';
export { type ProgressEvaluationOptions, progressEvaluation } from './evaluation/disk/progress-evaluation.ts';
export type { EvaluatedEvent, ProgressEvaluation } from './train/disk/progress-evaluation.ts';
