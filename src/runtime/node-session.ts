import type { Worker } from 'node:worker_threads';
import type { NodeSessionOptions } from './node.ts';
import { startWorker } from './node-entry.ts';
import type { Session } from './session.ts';
import { openWorkerSession, type WorkerPort } from './worker-session.ts';

/**
 * Opens a session in a worker thread of Node, so that the calling thread stays free while programs run. An idle session
 * does not keep the process alive. Call `release` before `process.exit`: a run that is cut short aborts the process.
 *
 * @throws ConfigError where the device is unknown or `threads` is not a count
 * @throws ExecutionError where the machine does not have the device, with what to do about it
 */
export async function openSession({ device, threads }: NodeSessionOptions = {}): Promise<Session> {
  return openWorkerSession(workerPort(startWorker('node-worker')), { device, threads });
}

/** A worker thread as the near end of a session's messages. */
export function workerPort(worker: Worker): WorkerPort {
  worker.unref();
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen(onReply, onDeath) {
      worker.on('message', onReply);
      worker.on('messageerror', (error) => onDeath(error.message));
      worker.on('error', (error) => onDeath(error.message));
      worker.on('exit', (code) => onDeath(`exit code ${code}`));
    },
    busy: (pending) => (pending ? worker.ref() : worker.unref()),
    stop: () => worker.terminate(),
  };
}
