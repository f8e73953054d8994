import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ready, Reply, Request, Unavailable } from './protocol.ts';

/** How to start an engine: a program and its arguments. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
}

/**
 * An engine in a child process of its own, idle between requests.
 *
 * Whatever goes wrong (a missing program, a crash, silence past the deadline) rejects the pending call with the last
 * line that the child wrote to standard error, and ends the child.
 */
export class EngineChild {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<void>;
  #lastError = '';
  #failure: string | undefined;

  /** Starts the engine. Its first message decides whether `ready()` resolves. */
  constructor(command: Command) {
    const { program, arguments: flags } = command;
    this.#child = spawn(program, flags, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      if (line.trim() !== '') this.#lastError = line.trim();
    });
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.on('error', (error) => {
      this.#failure = error.message;
    });
    // A request to a child that has died is told by the missing reply; the pipe's own error says nothing more.
    this.#child.stdin!.on('error', () => {});
  }

  /** Waits for the engine to load and warm up. @throws Error saying why it cannot run here */
  async ready(timeoutMs: number): Promise<Ready['ready']> {
    const message = (await this.#next(timeoutMs)) as Ready | Unavailable;
    if ('ready' in message) return message.ready;
    throw new Error(message.unavailable);
  }

  /** Runs iterations and waits for them. @throws Error if the engine dies or is silent past the deadline */
  async run(iterations: number, timeoutMs: number): Promise<Reply> {
    const request: Request = { iterations };
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    return (await this.#next(timeoutMs)) as Reply;
  }

  /** Closes the engine's input, which ends it; insists after two seconds. */
  async close(): Promise<void> {
    this.#child.stdin!.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    await this.#closed;
    clearTimeout(timer);
  }

  async #next(timeoutMs: number): Promise<Ready | Unavailable | Reply> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      const late = () => {
        this.#child.kill('SIGKILL');
        reject(new Error(`no answer within ${Math.round(timeoutMs / 1000)} s`));
      };
      timer = setTimeout(late, timeoutMs);
    });
    try {
      const { value, done } = await Promise.race([this.#lines.next(), silence]);
      if (!done) return JSON.parse(value);
      // Standard output may end before the last line of standard error is here.
      await Promise.race([this.#closed, silence]);
    } finally {
      clearTimeout(timer);
    }
    throw new Error(this.#failure ?? (this.#lastError || 'the engine ended without a word'));
  }
}
