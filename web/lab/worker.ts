/** Entry of the lab's worker: a player on WebAssembly, and the page's messages. */
import { labNotices } from '../../src/lab/lab-notices.ts';
import { LabPlayer } from '../../src/lab/lab-player.ts';
import type { LabReply, LabRequest } from '../../src/lab/lab-protocol.ts';
import { LocalSession } from '../../src/runtime/local-session.ts';
import { openWebExecutor } from '../../src/runtime/web.ts';

/** The worker's global scope: all that this file needs of it. */
declare const self: {
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly gpu?: unknown };
  postMessage(message: LabReply): void;
  addEventListener(type: 'message', listener: (event: { readonly data: LabRequest }) => void): void;
};

/** A message to oneself comes after those of the page, and at once: timers are slowed to 4 ms when they follow each other. */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

const player = new LabPlayer({
  openSession: async () => new LocalSession(await openWebExecutor()),
  send: (reply) => self.postMessage(reply),
  yieldToPage: () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(undefined);
    }),
  notices: labNotices({
    threads: 1,
    isolated: self.crossOriginIsolated,
    webgpu: self.navigator.gpu !== undefined,
  }),
});
self.addEventListener('message', ({ data }) => player.handle(data));
