/** The number of a list that is nearest to another; undefined of an empty list. */
export function nearest(numbers: readonly number[], to: number): number | undefined {
  let found: number | undefined;
  for (const number of numbers)
    if (found === undefined || Math.abs(number - to) < Math.abs(found - to)) found = number;
  return found;
}
