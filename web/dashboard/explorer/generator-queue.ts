import type { Tensor, Tensors } from '../../../src/graph/tensor.ts';
import type { Session } from '../../../src/runtime/session.ts';
import type { SampleFormat } from '../../../src/server/api.ts';
import type { Z } from './latent-space.ts';

/** What a picture asks a generator for. */
export interface Wanted {
  /** float32 [n * latentDim]. */
  readonly z: Z;
  /** Class of every sample, of generators with labels. */
  readonly label: number;
  /** @param samples - float32 [n, ...example] */
  readonly onSamples: (samples: Float32Array) => void;
  readonly onFailure: (error: Error) => void;
}

const PROGRAM = 'generator';

/**
 * A generator that is asked more often than it can answer: for each picture only the newest wish counts, and pictures
 * that were asked for first in `order` are made first.
 */
export class GeneratorQueue {
  readonly #session: Session;
  readonly #format: SampleFormat;
  readonly #order: readonly string[];
  readonly #wishes: Map<string, Wanted> = new Map();
  #isBusy = false;
  #isClosed = false;

  /** @param order - names of the pictures, the most urgent first */
  constructor(session: Session, format: SampleFormat, order: readonly string[]) {
    this.#session = session;
    this.#format = format;
    this.#order = order;
  }

  /** Takes an exported generator in place of the one before. @throws ExecutionError where the runtime refuses it */
  async load(model: Uint8Array): Promise<void> {
    await this.#session.compile({ name: PROGRAM, model, carried: [] });
  }

  /** Asks for samples of a picture; an older wish for the same picture is forgotten. */
  ask(picture: string, wanted: Wanted): void {
    if (this.#isClosed) return;
    this.#wishes.set(picture, wanted);
    if (!this.#isBusy) void this.#work();
  }

  /** Samples that are not drawn on the page, such as the frames of a film. */
  generate(z: Z, label: number): Promise<Float32Array> {
    return this.#run({ z, label });
  }

  /** Frees the runtime. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wishes.clear();
    await this.#session.release();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let picture = this.#next(); picture !== undefined; picture = this.#next()) {
      const wanted = this.#wishes.get(picture)!;
      this.#wishes.delete(picture);
      try {
        const samples = await this.#run(wanted);
        if (!this.#isClosed) wanted.onSamples(samples);
      } catch (error) {
        if (!this.#isClosed) wanted.onFailure(error as Error);
      }
    }
    this.#isBusy = false;
  }

  #next(): string | undefined {
    return this.#order.find((picture) => this.#wishes.has(picture));
  }

  async #run({ z, label }: Pick<Wanted, 'z' | 'label'>): Promise<Float32Array> {
    const { latentDim, classes } = this.#format;
    const count = z.length / latentDim;
    // A copy: the session takes over the buffers that it is fed with.
    const feeds: Record<string, Tensor> = {
      z: { dtype: 'float32', shape: [count, latentDim], data: z.slice() },
    };
    if (classes !== undefined) {
      const data = new BigInt64Array(count).fill(BigInt(label));
      feeds['labels'] = { dtype: 'int64', shape: [count], data };
    }
    const { samples } = await this.#session.run(PROGRAM, feeds as Tensors);
    return samples!.data as Float32Array;
  }
}
