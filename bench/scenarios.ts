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

const step = { mode: 'train', optimiser: 'sgd', batch: 100, widthScale: 1 } as const;

/** 1.58 x every hidden width is 2.0 x the parameters of both networks together. */
const TWICE_THE_PARAMETERS = 1.5787;

/** What is measured, in this order. */
export const scenarios: readonly Scenario[] = [
  { title: 'One iteration, SGD with momentum', options: step, contestants: everyone, long: false },
  {
    title: 'One iteration, Adam',
    options: { ...step, optimiser: 'adam' },
    contestants: everyone,
    long: false,
  },
  {
    title: 'Sampling: one forward pass of G at batch 1,000',
    options: { ...step, mode: 'sample', batch: 1000 },
    contestants: native,
    long: false,
  },
  {
    title: 'One iteration, SGD, batch 200',
    options: { ...step, batch: 200 },
    contestants: native,
    long: true,
  },
  {
    title: 'One iteration, SGD, twice the parameters',
    options: { ...step, widthScale: TWICE_THE_PARAMETERS },
    contestants: native,
    long: true,
  },
];

/**
 * The program that runs an engine.
 *
 * @param python - the interpreter for PyTorch
 * @throws Error if the engine's own file is not there
 */
export function command(engine: EngineName, options: StepOptions, python: string): Command {
  const flags = stepFlags(options);
  if (engine === 'PyTorch') return { program: python, arguments: [path('pytorch_step.py'), ...flags] };
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
