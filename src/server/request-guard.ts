import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isSameToken } from './access-token.ts';
import { Refusal } from './refusal.ts';

/** Where the server listens, and what it demands. */
export interface GuardOptions {
  /** As it was bound: `127.0.0.1`, `::1`, `0.0.0.0`, a name. */
  readonly host: string;
  /** Absent: whoever reaches the server may use it. */
  readonly token?: string | undefined;
}

/**
 * Lets through what this server's own page and scripts on this machine send, and nothing that another site makes a browser send.
 *
 * - `Host` must be an address, `localhost` or this machine's name: a name that somebody else's DNS points here is refused
 *   (DNS rebinding).
 * - Where a browser says which site a request comes from (`Sec-Fetch-Site`, `Origin`), it must be this one; only following a
 *   link to the page itself is allowed from elsewhere.
 * - What changes something must be JSON or empty: no form of another site can send JSON without asking first.
 * - With a token, it must be in the cookie, in `Authorization: Bearer`, or once in the address `/?token=...`, which is
 *   exchanged for the cookie.
 */
export function requestGuard({ host, token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    requireOwnHost(context, host);
    requireOwnSite(context);
    if (token !== undefined) {
      const entered = enter(context, token);
      if (entered) return entered;
      requireAccess(context, token);
    }
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') requireJson(context);
    await next();
    return undefined;
  };
}

/** Name and port of a `Host` header; undefined where it is none. */
function splitHost(header: string): { readonly name: string; readonly port: string } | undefined {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([^[\]:]+))(?::(\d{1,5}))?$/i.exec(header) ?? [];
  const name = bracketed ?? plain;
  return name === undefined ? undefined : { name: name.toLowerCase().replace(/\.$/, ''), port };
}

function requireOwnHost({ req }: Context, bound: string): void {
  const given = req.header('Host') ?? '';
  const name = splitHost(given)?.name;
  const own = [
    'localhost',
    bound.toLowerCase(),
    hostname().toLowerCase(),
    `${hostname().toLowerCase()}.local`,
  ];
  // An address cannot be made to point elsewhere, so it is no name that could be rebound.
  if (name !== undefined && (own.includes(name) || name.endsWith('.localhost') || isIP(name) !== 0)) return;
  throw new Refusal(403, `host: must be an address or a name of this machine, got ${JSON.stringify(given)}`);
}

/** Whether a browser follows a link or an address that was typed, to the page itself. */
function isVisit({ req }: Context): boolean {
  return req.method === 'GET' && !req.path.startsWith('/api/') && req.header('Sec-Fetch-Mode') === 'navigate';
}

function requireOwnSite(context: Context): void {
  const { req } = context;
  const site = req.header('Sec-Fetch-Site');
  const origin = req.header('Origin');
  const refuse = (from: string) =>
    new Refusal(403, `origin: requests must come from the dashboard itself, got one from ${from}`);
  // `same-site` includes any other port of this machine.
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isVisit(context))
    throw refuse(origin ?? site);
  if (origin === undefined) return;
  if (origin !== `http://${req.header('Host')}` && origin !== `https://${req.header('Host')}`)
    throw refuse(origin);
}

function requireJson({ req }: Context): void {
  if (req.method !== 'POST') throw new Refusal(403, `method: must be GET or POST, got ${req.method}`);
  const type = req.header('Content-Type') ?? '';
  // Nothing in it that a form could have written; which site it is from has been looked at.
  const isEmpty =
    req.header('Transfer-Encoding') === undefined && Number(req.header('Content-Length') ?? 0) === 0;
  if (type === '' && isEmpty) return;
  if (type.split(';')[0]!.trim().toLowerCase() === 'application/json') return;
  throw new Refusal(415, `content type: must be application/json, got ${type === '' ? 'none' : type}`);
}

/** Cookies know no ports: two servers on one machine each need their own. */
function cookieName({ req }: Context): string {
  return `zerosum-${splitHost(req.header('Host') ?? '')?.port || '80'}`;
}

/** Answers `/?token=...`: the token goes into a cookie that no script can read, and out of the address. */
function enter(context: Context, token: string): Response | undefined {
  const given = context.req.path === '/' ? context.req.query('token') : undefined;
  if (given === undefined || !isSameToken(given, token)) return undefined;
  setCookie(context, cookieName(context), token, { httpOnly: true, sameSite: 'Lax', path: '/' });
  context.header('Cache-Control', 'no-store');
  return context.redirect('/', 303);
}

function requireAccess(context: Context, token: string): void {
  const bearer = /^Bearer +(.+)$/i.exec(context.req.header('Authorization') ?? '')?.[1];
  const given = bearer ?? getCookie(context, cookieName(context)) ?? '';
  if (isSameToken(given, token)) return;
  throw new Refusal(
    401,
    'token: must be the one that this server was started with, got another one or none. Open the address that zerosum watch printed',
  );
}
