/** Entry of the worker thread behind `openSession`. */
import { parentPort } from 'node:worker_threads';
import { LocalSession } from './local-session.ts';
import { type NodeSessionOptions, openNodeExecutor } from './node.ts';
import { hostSession } from './session-host.ts';

const handle = hostSession(
  async (options: NodeSessionOptions) => new LocalSession(await openNodeExecutor(options)),
  (reply, transfer) => parentPort?.postMessage(reply, transfer),
);
parentPort?.on('message', handle);
