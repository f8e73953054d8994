import { ConfigError } from '../errors.ts';
import { escapeText, fontAttribute, ink, type Piece, paragraph } from './lettering.ts';

/** How the panels of one figure stand together. */
export interface PanelsOptions {
  /** Panels in a row; default all of them in one. */
  readonly columns?: number;
  /** Above all panels; default none. */
  readonly title?: string;
  /** Below all panels; default none. */
  readonly caption?: string;
}

const margin = 16;

/** Width and height that the root element of an SVG states. */
function sizeOf(svg: string, at: number): { width: number; height: number } {
  const [, width, height] = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  if (!width || !height)
    throw new ConfigError(
      `panels: every panel must be an SVG with width and height, got ${JSON.stringify(svg.slice(0, 40))} (panel ${at}). Draw it with plotSvg`,
    );
  return { width: Number(width), height: Number(height) };
}

/**
 * Several plots as one SVG, in rows from the top left; each column is as wide as its widest panel, each row as high as its
 * highest.
 *
 * @param svgs - what `plotSvg` returns
 * @throws ConfigError if there is no panel, one is no SVG with a size, or `columns` is no whole number from 1
 */
export function panels(svgs: readonly string[], options: PanelsOptions = {}): string {
  const { columns = svgs.length, title, caption } = options;
  if (svgs.length === 0) throw new ConfigError('panels: svgs must hold a panel at least, got none');
  if (!(Number.isInteger(columns) && columns > 0))
    throw new ConfigError(`panels: columns must be a whole number from 1, got ${columns}`);

  const sizes = svgs.map(sizeOf);
  const widths = new Array<number>(Math.min(columns, svgs.length)).fill(0);
  const heights = new Array<number>(Math.ceil(svgs.length / columns)).fill(0);
  for (const [i, { width, height }] of sizes.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    widths[column] = Math.max(widths[column]!, width);
    heights[row] = Math.max(heights[row]!, height);
  }
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const width = sum(widths);
  const written = (text: string | undefined, y: number, size: number, fill: string): Piece =>
    text === undefined
      ? { svg: '', height: 0 }
      : paragraph(text, { x: margin, y, width: width - 2 * margin, size, fill });

  const head = written(title, 8, 16, ink);
  const top = head.height && head.height + 12;
  const body = svgs.map((svg, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const x = sum(widths.slice(0, column));
    const y = top + sum(heights.slice(0, row));
    // Parts that Plot names (clip paths) are numbered per plot: those of two panels must not be taken for one another.
    return svg
      .trimEnd()
      .replace('<svg ', `<svg x="${x}" y="${y}" `)
      .replaceAll(/plot-(clip|marker|pattern)-(\d+)/g, `panel${i}-$1-$2`);
  });
  const foot = written(caption, top + sum(heights), 11, '#555');
  const height = top + sum(heights) + (foot.height && foot.height + 8);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img"` +
    `${title ? ` aria-label="${escapeText(title)}"` : ''} font-family="${fontAttribute}">` +
    `<rect width="${width}" height="${height}" fill="white"/>${head.svg}${body.join('')}${foot.svg}</svg>\n`
  );
}
