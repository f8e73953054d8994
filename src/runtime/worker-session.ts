import { ExecutionError } from '../errors.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Device, Program, ProgramTypes, Session } from './session.ts';
import {
  errorFrom,
  type OpenedSession,
  pack,
  type Reply,
  type Request,
  type RequestBody,
} from './session-messages.ts';

/** The near end of a worker: what node:worker_threads and a browser's Worker have in common. */
export interface WorkerPort {
  post(request: Request, transfer: readonly ArrayBuffer[]): void;
  /** Takes the listeners for what the worker sends and for its unexpected end, with the reason. */
  listen(onReply: (reply: Reply) => void, onDeath: (reason: string) => void): void;
  /** Tells whether calls are pending: a worker with none should not keep the process alive. */
  busy?(pending: boolean): void;
  /** Ends the worker. Only called when it is idle: to end a native run half-way ends the process. */
  stop(): unknown;
}

/**
 * Opens a session in a worker: the calling thread stays free while programs run, and tensors move there and back without
 * a copy.
 *
 * @param options - what the worker's own `open` takes
 * @throws what opening the session in the worker throws; ExecutionError where the worker dies
 */
export async function openWorkerSession(port: WorkerPort, options: unknown): Promise<Session> {
  const calls = new WorkerCalls(port);
  try {
    const opened = await calls.make({ call: 'open', options });
    return new WorkerSession(calls, opened as OpenedSession);
  } catch (error) {
    await calls.release();
    throw error;
  }
}

interface Pending {
  readonly call: Request['call'];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Matches replies to requests, and fails the calls that a dead worker leaves behind. */
class WorkerCalls {
  readonly #port: WorkerPort;
  readonly #pending: Map<number, Pending> = new Map();
  #lastId = 0;
  /** Why no more calls are taken. */
  #end: string | undefined;

  constructor(port: WorkerPort) {
    this.#port = port;
    port.listen(
      (reply) => this.#settle(reply),
      (reason) => this.#die(reason),
    );
  }

  make(request: RequestBody, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { call } = request;
      if (this.#end !== undefined) return reject(closed(call, this.#end));
      const id = ++this.#lastId;
      this.#port.post({ id, ...request }, transfer);
      this.#port.busy?.(true);
      this.#pending.set(id, { call, resolve, reject });
    });
  }

  /** Ends the worker when it has answered everything. */
  async release(): Promise<void> {
    if (this.#end !== undefined) return;
    const released = this.make({ call: 'release', arguments: [] });
    this.#end = 'a released one';
    try {
      await released;
    } finally {
      await this.#port.stop();
    }
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#port.busy?.(false);
    if ('error' in reply) pending?.reject(errorFrom(reply.error));
    else pending?.resolve(reply.result);
  }

  #die(reason: string): void {
    this.#end ??= `one whose worker has died (${reason})`;
    for (const { call, resolve, reject } of this.#pending.values()) {
      // A dead worker holds nothing that could still be released.
      if (call === 'release') resolve(undefined);
      else reject(closed(call, this.#end));
    }
    this.#pending.clear();
  }
}

function closed(call: string, end: string): ExecutionError {
  return new ExecutionError(`${call}: the session must be open, got ${end}`);
}

class WorkerSession implements Session {
  readonly device: Device;
  readonly threads: number;
  readonly notice: string | undefined;
  readonly #calls: WorkerCalls;
  #released: Promise<void> | undefined;

  constructor(calls: WorkerCalls, { device, threads, notice }: OpenedSession) {
    this.#calls = calls;
    this.device = device;
    this.threads = threads;
    this.notice = notice;
  }

  async compile(program: Program): Promise<ProgramTypes> {
    return (await this.#calls.make({ call: 'compile', arguments: [program] })) as ProgramTypes;
  }

  async writeState(state: Tensors): Promise<void> {
    const { tensors, transfer } = pack(state, (name) => `writeState: ${name}`);
    await this.#calls.make({ call: 'writeState', arguments: [tensors] }, transfer);
  }

  async readState(names?: readonly string[]): Promise<Tensors> {
    return (await this.#calls.make({ call: 'readState', arguments: [names] })) as Tensors;
  }

  async run(program: string, feeds: Tensors): Promise<Tensors> {
    const { tensors, transfer } = pack(feeds, (name) => `run: ${name} of program ${program}`);
    return (await this.#calls.make({ call: 'run', arguments: [program, tensors] }, transfer)) as Tensors;
  }

  async rollback(): Promise<void> {
    await this.#calls.make({ call: 'rollback', arguments: [] });
  }

  release(): Promise<void> {
    this.#released ??= this.#calls.release();
    return this.#released;
  }
}
