import { InvalidArgumentError } from '@commander-js/extra-typings';

function wholeNumber(text: string, least: number, most: number, range: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It must be a whole number ${range}.`);
}

/** A number of things, as a flag gives it. @throws InvalidArgumentError unless it is a whole number of at least 1 */
export function count(text: string): number {
  return wholeNumber(text, 1, Number.MAX_SAFE_INTEGER, 'of at least 1');
}

/** A seed or the number of a step. @throws InvalidArgumentError unless it is a whole number below 2^32 */
export function uint32(text: string): number {
  return wholeNumber(text, 0, 2 ** 32 - 1, 'from 0 to 4294967295');
}

/** A port; 0 means any free one. @throws InvalidArgumentError unless it is a whole number below 2^16 */
export function port(text: string): number {
  return wholeNumber(text, 0, 2 ** 16 - 1, 'from 0 to 65535');
}
