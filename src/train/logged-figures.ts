/**
 * Figures as logs hold them, to seven significant digits: exact enough for float32, and a third of the bytes. What is made
 * of logged figures can be made again from the log.
 */
export function loggedFigures<Row extends Readonly<Record<string, number>>>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, name === 'step' ? value : sevenDigits(value)]),
  ) as Row;
}

/** A number to seven significant digits; what is not finite stays as it is. */
export function sevenDigits(value: number): number {
  return Number(value.toPrecision(7));
}
