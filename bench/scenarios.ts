import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Command } from './engine-child.ts';
import { type StepOptions, stepFlags } from './protocol.ts';

export type EngineName = 'zerosum' | 'PyTorch' | 'jax-js' | 'TensorFlow.js';

/** One engine at one thread setting: a row of a table. */
export interface Contestant {
  readonly engine: EngineName;
  readonly threads: number;
}

/** Tables that belong together: what is measured, in this order, and what the report says of it. */
export interface Suite {
  readonly scenarios: readonly Scenario[];
  /** In this folder. */
  readonly file: string;
  readonly title: string;
  /** The options of the driver that measure it. */
  readonly flags: string;
  readonly definition: string;
  readonly turnSeconds: number;
  readonly budgetMs: number;
}

/** One table: the same work for every contestant. */
export interface Scenario {
  readonly title: string;
  readonly options: Omit<StepOptions, 'threads'>;
  readonly contestants: readonly Contestant[];
  /** Left out by `--quick`. */
  readonly long: boolean;
}

/** Both numbers of threads at which PyTorch may be at its best; a single-core machine has one. */
const threadSettings = [...new Set([1, availableParallelism()])];
const zerosum: Contestant = { engine: 'zerosum', threads: availableParallelism() };
const native: readonly Contestant[] = [
  zerosum,
  ...threadSettings.map((threads) => ({ engine: 'PyTorch', threads }) as const),
];
const everyone: readonly Contestant[] = [
  ...native,
  { engine: 'jax-js', threads: 1 },
  { engine: 'TensorFlow.js', threads: 1 },
];

/** The 2014 paper's step, but for who runs it. */
export const paperStep = {
  mode: 'train',
  optimiser: 'sgd',
  batch: 100,
  widthScale: 1,
  network: 'paper',
  size: 28,
  penalty: 'none',
} as const;

/** 1.58 x every hidden width is 2.0 x the parameters of both networks together. */
const TWICE_THE_PARAMETERS = 1.5787;

const paperScenarios: readonly Scenario[] = [
  { title: 'One iteration, SGD with momentum', options: paperStep, contestants: everyone, long: false },
  {
    title: 'One iteration, Adam',
    options: { ...paperStep, optimiser: 'adam' },
    contestants: everyone,
    long: false,
  },
  {
    title: 'Sampling: one forward pass of G at batch 1,000',
    options: { ...paperStep, mode: 'sample', batch: 1000 },
    contestants: native,
    long: false,
  },
  {
    title: 'One iteration, SGD, batch 200',
    options: { ...paperStep, batch: 200 },
    contestants: native,
    long: true,
  },
  {
    title: 'One iteration, SGD, twice the parameters',
    options: { ...paperStep, widthScale: TWICE_THE_PARAMETERS },
    contestants: native,
    long: true,
  },
];

const dcgan = { ...paperStep, optimiser: 'adam', batch: 64, network: 'dcgan' } as const;

const convolutionScenarios: readonly Scenario[] = [
  { title: 'DCGAN, 32 x 32', options: { ...dcgan, size: 32 }, contestants: native, long: false },
  { title: 'DCGAN, 64 x 64', options: { ...dcgan, size: 64 }, contestants: native, long: true },
  {
    title: 'R1 in every step, 32 x 32',
    options: { ...dcgan, size: 32, penalty: 'r1' },
    contestants: native,
    long: false,
  },
  {
    title: 'Gradient penalty in every step, 32 x 32',
    options: { ...dcgan, size: 32, penalty: 'gradientPenalty' },
    contestants: native,
    long: false,
  },
];

/** The 2014 paper's step. */
export const paperSuite: Suite = {
  scenarios: paperScenarios,
  file: 'results.md',
  title: 'Speed beside other engines',
  flags: '',
  definition: `The step: G 100-1200-1200-784 (ReLU, ReLU, sigmoid), D maxout 240 x 5, maxout 240 x 5, 1, dropout (include .8 on
D's input, .5 on its hidden layers), batch 100, float32. Alternating order with k = 1: D on real and fake rows in one
pass, then G with fresh noise through the new D, whose parameters take no gradient.`,
  turnSeconds: 0.8,
  budgetMs: 210_000,
};

/** A DCGAN step, and steps with penalties that differentiate D twice. */
export const convolutionSuite: Suite = {
  scenarios: convolutionScenarios,
  file: 'convolutions.md',
  title: 'Speed of convolutional nets beside PyTorch',
  flags: ' --convolutions',
  definition: `The step: DCGAN's networks for colour images, 4 x 4 kernels of stride 2, 64 channels beside the image and twice as many at each
halving down to 4 x 4, batch norm, Adam, batch 64, float32. Alternating order with k = 1: D on real and on fake images
apart, then G with fresh noise through the new D, whose parameters take no gradient. With a penalty D has no batch norm, and
the penalty is computed in every step. PyTorch runs in the better of its two memory layouts.`,
  turnSeconds: 2,
  budgetMs: 420_000,
};

/**
 * The program that runs an engine.
 *
 * @param python - the interpreter for PyTorch
 * @throws Error if the engine's own file is not there
 */
export function command(engine: EngineName, options: StepOptions, python: string): Command {
  const flags = stepFlags(options);
  if (engine === 'PyTorch') {
    const script = options.network === 'paper' ? 'pytorch_step.py' : 'pytorch_dcgan.py';
    return { program: python, arguments: [path(script), ...flags] };
  }
  const file = { zerosum: 'zerosum-step.ts', 'jax-js': 'jax-step.js', 'TensorFlow.js': 'tensorflow-step.js' }[
    engine
  ];
  if (!existsSync(path(file))) throw new Error(`bench/${file} does not exist`);
  if (engine !== 'zerosum' && !existsSync(path('node_modules'))) {
    throw new Error('not installed: run `npm ci` in bench/');
  }
  return { program: process.execPath, arguments: ['--import', 'tsx', path(file), ...flags] };
}

/**
 * The first interpreter that finds PyTorch: the named one if there is one, else `python3`, else Debian's own, which is
 * hidden where another Python comes first in PATH. Falls back to `python3`, which then says what it lacks.
 */
export function pythonWithTorch(named?: string): string {
  if (named !== undefined) return named;
  const probe = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
  const found = ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', probe]).status === 0,
  );
  return found ?? 'python3';
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
