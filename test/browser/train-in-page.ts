import type { Tensors } from '../../src/graph/tensor.ts';
import type { openWebSession } from '../../src/runtime/web-session.ts';
import { chunkFeeds, chunkProgram, initialState } from '../runtime/descent.ts';

/** What a page's training came to. */
export interface PageTraining {
  readonly device: string;
  readonly threads: number;
  readonly notice?: string | undefined;
  readonly losses: readonly number[];
  readonly weight: readonly number[];
  /** What a run without its feed was refused with. */
  readonly error: string;
}

declare global {
  /** Set by the pages of this folder, called by the tests. */
  var train: (threads?: number) => Promise<PageTraining>;
}

const numbers = (tensors: Tensors, name: string): number[] => [...tensors[name]!.data].map(Number);

/** Lets a test train in this page: two chunks in a Worker, and one refused feed. */
export function exposeTraining(open: typeof openWebSession): void {
  globalThis.train = async (threads) => {
    const session = await open({ threads });
    await session.compile(chunkProgram());
    await session.writeState(initialState());
    const losses = [0, 1].map((chunk) => session.run('chunk', chunkFeeds(chunk)));
    const error = await session.run('chunk', {}).catch(String);
    const [first, second] = await Promise.all(losses);
    const state = await session.readState();
    await session.release();
    return {
      device: session.device,
      threads: session.threads,
      notice: session.notice,
      losses: [...numbers(first!, 'losses'), ...numbers(second!, 'losses')],
      weight: numbers(state, 'weight'),
      error: String(error),
    };
  };
}
