/** Entry of the worker behind `openWebSession`. */
import { LocalSession } from './local-session.ts';
import type { SessionOptions } from './session.ts';
import { hostSession } from './session-host.ts';
import type { Request } from './session-messages.ts';
import { openWebExecutor } from './web.ts';

/** The worker's global scope: all that this file needs of it. */
declare const self: {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: Request }) => void): void;
};

const handle = hostSession(
  async (options: SessionOptions) => new LocalSession(await openWebExecutor(options)),
  (reply, transfer) => self.postMessage(reply, transfer),
);
self.addEventListener('message', ({ data }) => handle(data));
