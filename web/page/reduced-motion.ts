const query = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the reader's system asks for less motion. */
export function reducedMotion(): boolean {
  return query.matches;
}
