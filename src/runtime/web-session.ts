import type { Session, SessionOptions } from './session.ts';
import type { Reply } from './session-messages.ts';
import { openWorkerSession, type WorkerPort } from './worker-session.ts';

/** The browser's Worker: all that this file needs of it. */
interface BrowserWorker {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: Reply }) => void): void;
  addEventListener(
    type: 'error' | 'messageerror',
    listener: (event: { readonly message?: string }) => void,
  ): void;
  terminate(): void;
}
declare const Worker: new (url: URL, options: { type: 'module' }) => BrowserWorker;

/**
 * Opens a session on WebAssembly in a module Worker of the browser, so that the page stays responsive while programs run.
 *
 * @throws ConfigError where `threads` is not a count
 * @throws ExecutionError where the worker or the runtime does not start
 */
export async function openWebSession({ threads }: SessionOptions = {}): Promise<Session> {
  // Bundlers find the worker by this very expression. It names the compiled file; beside the source, where only
  // web-worker.ts exists, Vite resolves the name to that, as it does for imports.
  const worker = new Worker(new URL('./web-worker.js', import.meta.url), { type: 'module' });
  return openWorkerSession(workerPort(worker), { threads });
}

function workerPort(worker: BrowserWorker): WorkerPort {
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    listen(onReply, onDeath) {
      worker.addEventListener('message', ({ data }) => onReply(data));
      const die = ({ message = 'it does not load' }): void => {
        worker.terminate();
        onDeath(message);
      };
      worker.addEventListener('error', die);
      worker.addEventListener('messageerror', die);
    },
    stop: () => worker.terminate(),
  };
}
