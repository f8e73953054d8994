import type { Context } from 'hono';
import { Refusal } from './refusal.ts';

/** A whole number of a query; undefined where it is not there. @throws Refusal where it is none, or out of its range */
export function wholeNumber(
  { req }: Context,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = req.query(name);
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value;
  throw new Refusal(
    400,
    `${name}: must be a whole number from ${least} to ${most}, got ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** Names between commas; undefined where there are none. @throws Refusal where there are more than `most` */
export function nameList({ req }: Context, name: string, most: number): readonly string[] | undefined {
  const text = req.query(name);
  if (text === undefined || text === '') return undefined;
  const names = text.split(',');
  if (names.length <= most) return names;
  throw new Refusal(400, `${name}: must be at most ${most} names, got ${names.length}`);
}

/**
 * The JSON object in a request's body; an empty one where there is none.
 *
 * @throws Refusal where it is larger than `mostBytes`, by its header or as it comes, or holds no JSON object
 */
export async function jsonBody(
  { req }: Context,
  mostBytes: number,
): Promise<Readonly<Record<string, unknown>>> {
  const tooLarge = (got: number | string) =>
    new Refusal(413, `body: must have at most ${mostBytes} bytes, got ${got}`);
  const announced = Number(req.header('Content-Length') ?? 0);
  if (announced > mostBytes) throw tooLarge(announced);
  const pieces: Uint8Array[] = [];
  let received = 0;
  for await (const piece of (req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    received += piece.length;
    if (received > mostBytes) throw tooLarge('more');
    pieces.push(piece);
  }
  if (received === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch (cause) {
    throw new Refusal(400, `body: must be JSON, got: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new Refusal(400, 'body: must be a JSON object, got something else');
}
