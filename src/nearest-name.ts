/** Edit distance: insertions, deletions, substitutions and swaps of neighbours, each at cost 1. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The choice that `name` most likely meant, or undefined where none is close (more than a third of it differs). */
export function nearestName(name: string, choices: readonly string[]): string | undefined {
  const scored = choices
    .map((choice) => ({ choice, distance: editDistance(name.toLowerCase(), choice.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (!best) return undefined;
  return best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.choice : undefined;
}

/** `One of a, b, c. Did you mean b?`, for the end of an error about an unknown name. */
export function oneOf(name: string, choices: readonly string[]): string {
  const nearest = nearestName(name, choices);
  return `One of ${choices.join(', ')}.${nearest ? ` Did you mean ${nearest}?` : ''}`;
}
