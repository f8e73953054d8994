import { ExecutionError } from '../errors.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Session } from './session.ts';
import { errorMessage, type OpenedSession, pack, type Reply, type Request } from './session-messages.ts';

/** Sends a reply to the thread that made the request. */
export type Answer = (reply: Reply, transfer: readonly ArrayBuffer[]) => void;

/** What a request came to, and the buffers that move to the other thread with it. */
interface Outcome {
  readonly result: unknown;
  readonly transfer: readonly ArrayBuffer[];
}

const done: Outcome = { result: undefined, transfer: [] };

function tensorOutcome(call: string, results: Tensors): Outcome {
  const { tensors, transfer } = pack(results, (name) => `${call}: ${name}`);
  return { result: tensors, transfer };
}

/**
 * The far end of a worker's messages: opens the one session that the worker holds and makes the calls that arrive.
 *
 * @param open - opens the session from the options of the `open` request
 * @returns what takes the requests; it never rejects, errors are answered
 */
export function hostSession<Options>(
  open: (options: Options) => Promise<Session>,
  answer: Answer,
): (request: Request) => Promise<void> {
  let session: Session | undefined;

  async function perform(request: Request): Promise<Outcome> {
    if (request.call === 'open') {
      session = await open(request.options as Options);
      const { device, threads, notice } = session;
      return { result: { device, threads, notice } satisfies OpenedSession, transfer: [] };
    }
    if (!session) {
      // A session that failed to open holds nothing.
      if (request.call === 'release') return done;
      throw new ExecutionError(`${request.call}: the worker's session must be open, got none`);
    }
    switch (request.call) {
      case 'compile':
        return { result: await session.compile(...request.arguments), transfer: [] };
      case 'writeState':
        await session.writeState(...request.arguments);
        return done;
      case 'readState':
        return tensorOutcome('readState', await session.readState(...request.arguments));
      case 'run':
        return tensorOutcome('run', await session.run(...request.arguments));
      case 'rollback':
        await session.rollback();
        return done;
      case 'release':
        await session.release();
        return done;
    }
  }

  return async (request) => {
    const { id } = request;
    try {
      const { result, transfer } = await perform(request);
      answer({ id, result }, transfer);
    } catch (error) {
      answer({ id, error: errorMessage(error) }, []);
    }
  };
}
