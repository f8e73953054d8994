/** Names between commas, spaces around them allowed: what `--metrics` and `--evaluate` take. */
export function listOfNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
