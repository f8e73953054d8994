import type { Inpainting, PartResult } from './inpainting.ts';
import type { HiddenPart } from './masks.ts';

/** What is hidden, in words. */
const partNames: Readonly<Record<HiddenPart, string>> = {
  right: 'right half',
  bottom: 'bottom half',
  left: 'left half',
  top: 'top half',
  centre: 'centre',
  pixels: '3 of 4 pixels',
};

/** How varied draws are beside exact ones: 1 where they vary as the hidden pixels do. */
export function relativeDiversity({ diversity, meanPredictor }: PartResult): number {
  return diversity.mean / (2 * meanPredictor.mean);
}

/** The heads of the columns of `inpaintingRows`. */
export function inpaintingColumns({ draws, features }: Inpainting): readonly string[] {
  return [
    'hidden',
    'mean predictor',
    'one draw',
    `average of ${draws}`,
    'between draws',
    'of exact draws',
    ...(features ? ['Fréchet: draws', 'mean predictor'] : []),
  ];
}

/** A row for every hidden part: squared errors of a hidden pixel with their standard errors. */
export function inpaintingRows({ parts }: Inpainting): readonly (readonly string[])[] {
  const cell = ({ mean, standardError }: PartResult['draw']) =>
    `${mean.toFixed(4)} +- ${standardError.toFixed(4)}`;
  return parts.map((result) => [
    partNames[result.part],
    cell(result.meanPredictor),
    cell(result.draw),
    cell(result.averageOfDraws),
    cell(result.diversity),
    `${(100 * relativeDiversity(result)).toFixed(0)} %`,
    ...(result.frechet ? [result.frechet.draws.toFixed(2), result.frechet.meanPredictor.toFixed(2)] : []),
  ]);
}

/** The measures as text. */
export function inpaintingText(result: Inpainting): string {
  const { data, count, inpainter, features } = result;
  const rows = [inpaintingColumns(result), ...inpaintingRows(result)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((value, column) => value.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [
    `squared error of a hidden pixel, ${count} held-out images of ${data}, ${inpainter.steps} steps`,
    '',
    ...lines,
    '',
    ...(features
      ? [
          `Fréchet distances on ${features.name}; of the held-out images themselves ${features.heldOut.toFixed(2)}`,
        ]
      : []),
    'exact draws have twice the error of the mean predictor and differ by as much',
    '',
  ].join('\n');
}
