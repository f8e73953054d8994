import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../errors.ts';

/** Shorter ones could be guessed. */
const SHORTEST = 16;

/** A token that nobody guesses: 256 random bits. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** @throws ConfigError where a token is too short, or would have to be escaped in an address or a cookie */
export function requireToken(token: string): string {
  if (token.length >= SHORTEST && token.length <= 200 && /^[\w.~-]+$/.test(token)) return token;
  throw new ConfigError(
    `--token: must be ${SHORTEST} to 200 letters, digits, dots, dashes and underscores, got ${token.length} characters. Leave it out for a random one`,
  );
}

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function isSameToken(given: string, token: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}
