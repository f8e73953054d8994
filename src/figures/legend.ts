import { escapeText, ink, type Piece, widthOfText } from './lettering.ts';

/** A colour scale as Plot hands it out. */
export interface DrawnScale {
  readonly type: string;
  readonly domain: readonly unknown[];
  apply(value: unknown): string;
}

/** Where a legend stands, in pixels. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** What the numbers of a strip are. */
  readonly label: string | undefined;
}

const size = 12;

/** One square of colour and its name after the other, in as many lines as they need. */
function swatches(scale: DrawnScale, { x, y, width }: Place): Piece {
  let [left, top] = [x, y];
  let svg = '';
  for (const value of scale.domain) {
    const name = String(value);
    const needed = size + 5 + widthOfText(name, size) + 14;
    if (left > x && left + needed > x + width) [left, top] = [x, top + size + 8];
    svg +=
      `<rect x="${left}" y="${top}" width="${size}" height="${size}" fill="${scale.apply(value)}"/>` +
      `<text x="${left + size + 5}" y="${top + size - 2}" font-size="${size}" fill="${ink}" text-anchor="start">${escapeText(name)}</text>`;
    left += needed;
  }
  return { svg, height: top - y + size + 8 };
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

/** A strip from the least to the largest value. */
function ramp(scale: DrawnScale, { x, y, width, label }: Place): Piece {
  const values = scale.domain.map(Number);
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const across = Math.min(240, width);
  const steps = 48;
  let svg = '';
  for (let i = 0; i < steps; i++) {
    const value = least + ((i + 0.5) / steps) * (largest - least);
    // Half a pixel wider than its share: neighbours leave no line between them.
    svg += `<rect x="${x + (across * i) / steps}" y="${y}" width="${across / steps + (i < steps - 1 ? 0.5 : 0)}" height="10" fill="${scale.apply(value)}"/>`;
  }
  const text = (at: number, anchor: string, words: string): string =>
    `<text x="${at}" y="${y + 23}" font-size="11" fill="${ink}" text-anchor="${anchor}">${escapeText(words)}</text>`;
  svg += text(x, 'start', short(least)) + text(x + across, 'end', short(largest));
  if (label) svg += text(x + across / 2, 'middle', label);
  return { svg, height: 30 };
}

/** The legend of a colour scale: squares with names for categories, a strip for numbers. */
export function colorLegend(scale: DrawnScale, place: Place): Piece {
  return ['ordinal', 'categorical', 'threshold', 'quantile', 'quantize'].includes(scale.type)
    ? swatches(scale, place)
    : ramp(scale, place);
}
