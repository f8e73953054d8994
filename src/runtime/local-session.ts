import { ExecutionError } from '../errors.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { oneOf } from '../nearest-name.ts';
import type { Executable, Executor, TensorSpec } from './executor.ts';
import type { CarriedState, Device, Program, ProgramTypes, Session } from './session.ts';
import { checkFeedNames, checkTensor } from './tensor-check.ts';

interface Compiled {
  readonly executable: Executable;
  readonly carried: readonly CarriedState[];
  /** The inputs that are not state. */
  readonly fed: readonly string[];
}

/**
 * A session in the calling thread. ONNX Runtime's native `run` blocks that thread, so a program that has anything else
 * to do opens a session in a worker instead (`openSession`, `openWebSession`).
 *
 * A run gets the state's tensors as inputs and its outputs become the state: no tensor is ever input and output of one
 * run, which ONNX Runtime accepts and computes wrongly.
 */
export class LocalSession implements Session {
  readonly device: Device;
  readonly threads: number;
  readonly notice: string | undefined;
  readonly #executor: Executor;
  readonly #programs: Map<string, Compiled> = new Map();
  readonly #state: Map<string, Tensor> = new Map();
  /** What the last completed run replaced; undefined where there is nothing to roll back. */
  #replaced: ReadonlyMap<string, Tensor> | undefined;
  #lastCall: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;

  constructor(executor: Executor) {
    this.device = executor.device;
    this.threads = executor.threads;
    this.notice = executor.notice;
    this.#executor = executor;
  }

  compile({ name, model, carried }: Program): Promise<ProgramTypes> {
    return this.#inTurn('compile', async () => {
      const executable = await this.#executor.load(name, model);
      try {
        checkCarried(name, executable, carried);
      } catch (error) {
        await executable.release();
        throw error;
      }
      await this.#programs.get(name)?.executable.release();
      const fed = executable.inputs
        .map((spec) => spec.name)
        .filter((i) => !carried.some((c) => c.input === i));
      this.#programs.set(name, { executable, carried, fed });
      return { inputs: executable.inputs, outputs: executable.outputs };
    });
  }

  writeState(state: Tensors): Promise<void> {
    return this.#inTurn('writeState', async () => {
      for (const [name, tensor] of Object.entries(state)) checkTensor(`writeState: ${name}`, tensor);
      for (const [name, tensor] of Object.entries(state)) this.#state.set(name, tensor);
      this.#replaced = undefined;
    });
  }

  readState(names?: readonly string[]): Promise<Tensors> {
    return this.#inTurn('readState', async () => {
      const copies: Record<string, Tensor> = {};
      for (const name of names ?? this.#state.keys()) {
        const tensor = this.#state.get(name);
        if (!tensor) throw new ExecutionError(`readState: unknown state ${name}. ${this.#states(name)}`);
        copies[name] = { ...tensor, data: tensor.data.slice() };
      }
      return copies;
    });
  }

  run(program: string, feeds: Tensors): Promise<Tensors> {
    return this.#inTurn('run', async () => {
      const compiled = this.#programs.get(program);
      if (!compiled) {
        const names = [...this.#programs.keys()];
        const choices = names.length === 0 ? 'None is compiled' : oneOf(program, names);
        throw new ExecutionError(`run: unknown program ${program}. ${choices}`);
      }
      const inputs = this.#inputs(program, compiled, feeds);
      // From here on nothing needs the state before the current one: three of them at once would be the peak of memory.
      this.#replaced = undefined;
      const outputs = await compiled.executable.run(inputs);
      return this.#carry(compiled.carried, outputs);
    });
  }

  rollback(): Promise<void> {
    return this.#inTurn('rollback', async () => {
      if (!this.#replaced) {
        throw new ExecutionError(
          'rollback: a run must have completed since the state was last written or rolled back, got none',
        );
      }
      for (const [name, tensor] of this.#replaced) this.#state.set(name, tensor);
      this.#replaced = undefined;
    });
  }

  release(): Promise<void> {
    this.#released ??= this.#lastCall.then(async () => {
      for (const { executable } of this.#programs.values()) await executable.release();
      this.#programs.clear();
      this.#state.clear();
      this.#replaced = undefined;
    });
    return this.#released;
  }

  /** Runs a call after the calls before it, whether they succeeded or not. */
  #inTurn<T>(call: string, action: () => Promise<T>): Promise<T> {
    if (this.#released) {
      return Promise.reject(new ExecutionError(`${call}: the session must be open, got a released one`));
    }
    const result = this.#lastCall.then(action);
    this.#lastCall = result.catch(() => {});
    return result;
  }

  #inputs(program: string, { carried, fed }: Compiled, feeds: Tensors): Tensors {
    const inputs: Record<string, Tensor> = { ...feeds };
    for (const { name, input } of carried) {
      if (feeds[input]) {
        throw new ExecutionError(
          `run: ${input} of program ${program} must come from the session's state ${name}, got a feed. Use writeState`,
        );
      }
      const tensor = this.#state.get(name);
      if (!tensor) {
        throw new ExecutionError(
          `run: state ${name} of program ${program} must be written first, got none. ${this.#states(name)}`,
        );
      }
      inputs[input] = tensor;
    }
    checkFeedNames(program, fed, feeds);
    return inputs;
  }

  #carry(carried: readonly CarriedState[], outputs: Tensors): Tensors {
    const results: Record<string, Tensor> = { ...outputs };
    const replaced = new Map<string, Tensor>();
    for (const { name, output } of carried) {
      if (output === undefined) continue;
      replaced.set(name, this.#state.get(name)!);
      this.#state.set(name, outputs[output]!);
      delete results[output];
    }
    this.#replaced = replaced;
    return results;
  }

  #states(name: string): string {
    const names = [...this.#state.keys()];
    return names.length === 0 ? 'The session has no state' : oneOf(name, names);
  }
}

/** @throws ExecutionError where the carried state is not among the inputs and outputs, or changes its type in a run */
function checkCarried(program: string, executable: Executable, carried: readonly CarriedState[]): void {
  const written = new Set<string>();
  for (const { name, input, output } of carried) {
    const from = find(program, 'input', executable.inputs, input);
    if (output === undefined) continue;
    if (written.has(name)) {
      throw new ExecutionError(
        `compile: program ${program} must write state ${name} once, got ${output} too`,
      );
    }
    written.add(name);
    const to = find(program, 'output', executable.outputs, output);
    if (to.dtype !== from.dtype || !sameShape(from, to)) {
      throw new ExecutionError(
        `compile: state ${name} of program ${program} must keep its type, got ${from.dtype} [${from.shape.join(', ')}] in and ${to.dtype} [${to.shape.join(', ')}] out`,
      );
    }
  }
}

function find(program: string, kind: string, specs: readonly TensorSpec[], name: string): TensorSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec) return spec;
  const names = specs.map((candidate) => candidate.name);
  throw new ExecutionError(`compile: unknown ${kind} ${name} of program ${program}. ${oneOf(name, names)}`);
}

/** Whether two declared shapes may be the same: symbolic sizes may be anything, and an output may declare no shape. */
function sameShape({ shape: a }: TensorSpec, { shape: b }: TensorSpec): boolean {
  if (a.length === 0 || b.length === 0) return true;
  return (
    a.length === b.length &&
    a.every((size, i) => typeof size === 'string' || typeof b[i] === 'string' || size === b[i])
  );
}
