import { type Method, methods, type SemiSupervised } from './semi-supervised.ts';

/** What people call the methods. */
export const methodNames: Readonly<Record<Method, string>> = {
  features: "linear, on D's features",
  fineTuned: "D's layers, fine-tuned",
  scratch: 'the same network from scratch',
  randomFeatures: 'linear, on features of an untrained D',
  pixels: 'linear, on the examples themselves',
};

/** Rows of cells: a method, and its accuracy in per cent for each number of labels. */
export function semiSupervisedRows({ results }: SemiSupervised): readonly (readonly string[])[] {
  return methods.map((method) => [
    methodNames[method],
    ...results.map(({ accuracy }) => {
      const { mean, standardError } = accuracy[method];
      const error = Number.isNaN(standardError) ? '' : ` +- ${(100 * standardError).toFixed(2)}`;
      return `${(100 * mean).toFixed(2)}${error}`;
    }),
  ]);
}

/** The heads of the columns of `semiSupervisedRows`. */
export function semiSupervisedColumns({ results }: SemiSupervised): readonly string[] {
  return ['', ...results.map(({ labels }) => `${labels.toLocaleString('en')} labels`)];
}

/** The comparison as text. */
export function semiSupervisedText(result: SemiSupervised): string {
  const { data, unlabelled, testing, features, seeds } = result;
  const rows = [semiSupervisedColumns(result), ...semiSupervisedRows(result)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `per cent of ${testing.toLocaleString('en')} test examples of ${data} that are classified right, over ${seeds.length} seeds`,
    '',
    ...lines,
    '',
    `D: ${features} features, trained on ${unlabelled.toLocaleString('en')} examples without labels`,
    '',
  ].join('\n');
}
