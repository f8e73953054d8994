import type { MiddlewareHandler } from 'hono';

/** What every answer says that has no other word on it: refusals too. */
const defaults = {
  // For answers that are no page: nothing may be loaded, run or framed.
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Adds the headers that keep answers from being used by other sites; comes before everything else. */
export function answerHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of Object.entries(defaults)) if (!headers.has(name)) headers.set(name, value);
  };
}
