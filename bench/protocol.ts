import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

/**
 * The line protocol between the driver and an engine: one JSON object a line.
 *
 * An engine is a child process that takes `StepOptions` as flags, says once that it is `Ready` or `Unavailable`, and
 * then answers every `Request` with a `Reply`, until its standard input closes. Python's side is `pytorch_step.py`.
 */
export interface StepOptions {
  /** `train`: an iteration is one update of D and one of G. `sample`: it is one forward pass of G. */
  readonly mode: 'train' | 'sample';
  readonly optimiser: 'sgd' | 'adam';
  readonly threads: number;
  /** Rows of x and of z; D sees twice as many in its own update. */
  readonly batch: number;
  /** Factor on every hidden width of both networks; of the paper's only. */
  readonly widthScale: number;
  /** The paper's MNIST networks, or DCGAN's for colour images of `size`. */
  readonly network: 'paper' | 'dcgan';
  readonly size: number;
  /** Of DCGAN's discriminator, computed in every step; it has batch norm where there is none. */
  readonly penalty: 'none' | 'r1' | 'gradientPenalty';
}

export interface Ready {
  readonly ready: {
    /** Library and version, as it is to appear in the table. */
    readonly engine: string;
    readonly threads: number;
    /** Trainable numbers of both networks: the driver refuses to compare engines that disagree. */
    readonly parameters: number;
    /** What differs from the common definition of the step, or how this engine was set; may be empty. */
    readonly note: string;
  };
}

export interface Unavailable {
  /** Why the engine cannot run here, with what to do about it. */
  readonly unavailable: string;
}

export interface Request {
  readonly iterations: number;
}

export interface Reply {
  readonly seconds: number;
  /** How many iterations these seconds held, where an engine works in chunks; as many as asked for by default. */
  readonly iterations?: number;
  /** Of the last iteration, in nats; absent when sampling. */
  readonly lossD?: number;
  readonly lossG?: number;
}

/** An engine's own side of the protocol. */
export interface Engine {
  readonly ready: Ready['ready'];
  /**
   * Runs at least so many iterations to their end and returns the last losses. Nothing may be left running, which would
   * take the cores from the engine whose turn is next, and nothing may be kept for later, which would count for free.
   */
  readonly run: (iterations: number) => Promise<Omit<Reply, 'seconds'>>;
}

/** Parses the flags that the driver gives to a child. Defaults: the paper's step on one thread. */
export function stepOptions(argv: readonly string[] = process.argv.slice(2)): StepOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      mode: { type: 'string', default: 'train' },
      optimiser: { type: 'string', default: 'sgd' },
      threads: { type: 'string', default: '1' },
      batch: { type: 'string', default: '100' },
      'width-scale': { type: 'string', default: '1' },
      network: { type: 'string', default: 'paper' },
      size: { type: 'string', default: '32' },
      penalty: { type: 'string', default: 'none' },
    },
  });
  return {
    mode: values.mode === 'sample' ? 'sample' : 'train',
    optimiser: values.optimiser === 'adam' ? 'adam' : 'sgd',
    threads: Number(values.threads),
    batch: Number(values.batch),
    widthScale: Number(values['width-scale']),
    network: values.network === 'dcgan' ? 'dcgan' : 'paper',
    size: Number(values.size),
    penalty: values.penalty === 'r1' || values.penalty === 'gradientPenalty' ? values.penalty : 'none',
  };
}

/** The flags that say `options` to a child, TypeScript's or Python's. */
export function stepFlags(options: StepOptions): string[] {
  const { widthScale, ...rest } = options;
  const flags = { ...rest, 'width-scale': widthScale };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Opens an engine and serves it on standard input and output; a failure to open is told as `Unavailable`. */
export async function serve(open: (options: StepOptions) => Promise<Engine>): Promise<void> {
  let engine: Engine;
  try {
    engine = await open(stepOptions());
  } catch (error) {
    say({
      unavailable: error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error),
    });
    return;
  }
  say({ ready: engine.ready });
  for await (const line of createInterface({ input: process.stdin })) {
    const { iterations } = JSON.parse(line) as Request;
    const start = performance.now();
    const losses = await engine.run(iterations);
    say({ seconds: (performance.now() - start) / 1000, ...losses });
  }
  // Nothing is running between turns, so an engine's idle threads need no farewell.
  process.exit(0);
}

function say(message: Ready | Unavailable | Reply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
