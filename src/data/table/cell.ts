/** Cells that say of a number that it is missing, in lower case: what R, pandas and the UCI repository write. */
const missing = ['', 'na', 'n/a', 'nan', 'null', '?'];

/** Whether a cell says that there is no number. */
export function isMissing(cell: string): boolean {
  return missing.includes(cell.toLowerCase());
}

/** The number that a cell holds, or undefined where it holds none that is finite. Points only: `1,5` is no number. */
export function numberIn(cell: string): number | undefined {
  // Number() alone would take '', '0x1f' and '1_000'.
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** Digits after the point of a number, its exponent taken in: 2 of `1.50`, 4 of `15e-4`; 12 at most. */
export function decimalsOf(cell: string): number {
  const [, fraction = '', exponent = '0'] = /^[^.e]*(?:\.(\d*))?(?:e(.+))?$/i.exec(cell) ?? [];
  return Math.min(Math.max(0, fraction.length - Number(exponent)), MOST_DECIMALS);
}

/** More than float32 can tell apart. */
const MOST_DECIMALS = 12;

/** Whether a cell is written as a date: 2024-01-31, 31.1.2024, 1/31/24, with a time or without. */
export function isDate(cell: string): boolean {
  return /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([T ].*)?$/.test(cell);
}

/** Whether a cell is a number with a decimal comma, or with marks between its thousands. */
export function isForeignNumber(cell: string): boolean {
  return /^[+-]?\d+,\d+$|^[+-]?\d{1,3}([ ,.'’]\d{3})+([.,]\d+)?$/.test(cell);
}
