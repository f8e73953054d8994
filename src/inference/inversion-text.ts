import type { Inversion, SetResult } from './inversion.ts';
import { type Route, routes } from './reconstruction.ts';

/** What people call the routes. */
export const routeNames: Readonly<Record<Route, string>> = {
  encoder: 'encoder',
  searchFromEncoder: 'search from the encoder',
  searchFromRandom: 'search from random z',
};

const digits = (value: number): string => value.toPrecision(3);

/** A set as rows: route, error with its standard error, norm of z, time for an image. */
export function inversionRows({ routes: results, meanImage }: SetResult): readonly (readonly string[])[] {
  const rows = routes.map((route) => {
    const { error, latentNorm, secondsPerImage } = results[route];
    return [
      routeNames[route],
      `${digits(error.mean)} +- ${digits(error.standardError)}`,
      latentNorm.toFixed(2),
      `${digits(1000 * secondsPerImage)} ms`,
    ];
  });
  if (!meanImage) return rows;
  const { mean, standardError } = meanImage;
  return [...rows, ['the mean training image', `${digits(mean)} +- ${digits(standardError)}`, '', '']];
}

/** The heads of the columns of `inversionRows`. */
export const inversionColumns = ['', 'squared error of a pixel', 'norm of z', 'time for an image'] as const;

/** An inversion as text. */
export function inversionText({ heldOut, samples, encoder, search, data }: Inversion): string {
  const table = (title: string, set: SetResult): string => {
    const rows = [[title, ...inversionColumns.slice(1)], ...inversionRows(set)];
    const widths = inversionColumns.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  };
  return [
    table(`${heldOut.count} held-out images of ${data}`, heldOut),
    '',
    table(`${samples.count} samples of the generator itself`, samples),
    '',
    `encoder: ${encoder.steps} steps; ${(100 * encoder.latentError).toFixed(0)} % of the variance of z is beyond it`,
    `search: ${search.steps} steps in ${search.support}; norm of z: 1 is that of p(z)`,
    '',
  ].join('\n');
}
