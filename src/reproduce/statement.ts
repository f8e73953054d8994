/** A number that was computed, and what it has to be. */
export interface Check {
  /** What the number is: `largest |C - (-log 4 + 2 JSD)| over 8 pairs`. */
  readonly what: string;
  readonly value: number | string;
  /** What it must be, in words: `at most 1e-9`. */
  readonly wanted: string;
  readonly passed: boolean;
}

/** A figure as text; written beside its PNG. */
export interface Figure {
  /** Of its files, without extension. */
  readonly name: string;
  readonly svg: string;
  /** What it shows, for those who do not see it too. */
  readonly caption: string;
}

/** Numbers in rows, as they were computed. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** One statement of the theory, with what was computed to check it. */
export interface Statement {
  /** Of its section, in small letters: `theorem-1`. */
  readonly id: string;
  readonly title: string;
  /** In TeX. */
  readonly formula: string;
  /** Where it is from. */
  readonly source: string;
  /** Paragraphs in Markdown: what it says, how it was checked, what came out. */
  readonly text: readonly string[];
  readonly checks: readonly Check[];
  readonly tables?: readonly ResultTable[];
  readonly figures: readonly Figure[];
}

/** `value` must be at most `limit`. */
export function atMost(what: string, value: number, limit: number): Check {
  return { what, value, wanted: `at most ${shown(limit)}`, passed: value <= limit };
}

/** `value` must be at least `limit`. */
export function atLeast(what: string, value: number, limit: number): Check {
  return { what, value, wanted: `at least ${shown(limit)}`, passed: value >= limit };
}

/** `value` must be within `tolerance` of `expected`. */
export function near(what: string, value: number, expected: number, tolerance: number): Check {
  return {
    what,
    value,
    wanted: `${shown(expected)} within ${shown(tolerance)}`,
    passed: Math.abs(value - expected) <= tolerance,
  };
}

/** `value` must be `expected`. */
export function equals(what: string, value: string, expected: string): Check {
  return { what, value, wanted: expected, passed: value === expected };
}

/** A number as text and tables show it: few digits, powers of ten where it is tiny or huge. */
export function shown(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', '∞');
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace('e+', 'e');
  return String(Number(value.toPrecision(digits)));
}
