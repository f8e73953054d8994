import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { Refusal } from './refusal.ts';
import type { RunEvent, RunEvents } from './run-events.ts';

/** Pages that listen at a time. */
const MOST_LISTENERS = 32;
/** Events that a page may be behind: one that has gone to sleep is cut off, and fetches everything when it wakes. */
const MOST_WAITING = 4000;
const BEAT_MS = 5000;

/** `GET /api/events`: changes of runs as they happen. */
export function eventRoutes(events: RunEvents): Hono {
  return new Hono().get('/', (context) => {
    if (events.listeners >= MOST_LISTENERS)
      throw new Refusal(503, `events: at most ${MOST_LISTENERS} pages can listen, got one more. Close some`);
    return streamSSE(context, async (stream) => {
      const waiting: RunEvent[] = [];
      let wake = (): void => {};
      const end = await events.listen((event) => {
        if (waiting.length >= MOST_WAITING) stream.abort();
        else waiting.push(event);
        wake();
      });
      stream.onAbort(() => {
        end();
        wake();
      });
      try {
        const now = () => JSON.stringify({ server: events.server, now: Date.now() });
        await stream.writeSSE({ event: 'hello', id: events.lastId, data: now(), retry: 2000 });
        while (!stream.aborted) {
          for (let next = waiting.shift(); next && !stream.aborted; next = waiting.shift())
            await stream.writeSSE({ event: next.event, id: next.id, data: JSON.stringify(next.data) });
          const isQuiet = await new Promise<boolean>((resolve) => {
            const timer = setTimeout(() => resolve(true), BEAT_MS);
            wake = () => {
              clearTimeout(timer);
              resolve(false);
            };
            if (waiting.length > 0 || stream.aborted) wake();
          });
          if (isQuiet) await stream.writeSSE({ event: 'beat', data: JSON.stringify({ now: Date.now() }) });
        }
      } finally {
        end();
      }
    });
  });
}
