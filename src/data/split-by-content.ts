/** Which examples are trained on, and which are kept back. */
export interface ContentSplit<T> {
  readonly train: readonly T[];
  readonly validation: readonly T[];
  readonly test: readonly T[];
}

/**
 * Splits examples by the digests of their content, which are as good as random numbers: the result depends neither on names
 * nor on the order in which files are found, and copies of one example are never on both sides.
 *
 * @param examples - with a digest (hex) of each; equal content has equal digests
 * @param share - of the distinct contents, for validation and for test each
 * @param most - distinct contents at most for each of those two
 * @returns the examples of each part in the order of their digests, which is a random one
 */
export function splitByContent<T extends { readonly content: string }>(
  examples: readonly T[],
  share: number,
  most: number,
): ContentSplit<T> {
  const ranked = [...new Set(examples.map(({ content }) => content))].sort();
  const held = Math.min(most, Math.round(share * ranked.length));
  const rank = new Map(ranked.map((content, i) => [content, i]));
  const ordered = [...examples].sort((a, b) => rank.get(a.content)! - rank.get(b.content)!);
  const between = (from: number, to: number) =>
    ordered.filter(({ content }) => rank.get(content)! >= from && rank.get(content)! < to);
  return {
    test: between(0, held),
    validation: between(held, 2 * held),
    train: between(2 * held, ranked.length),
  };
}
