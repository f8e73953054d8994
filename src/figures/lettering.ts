/** The colour of text and lines: softer than black, dark enough for print. */
export const ink = '#222';

/** Fonts in the order in which a viewer takes them; pictures are made with the second. */
export const fontAttribute = "Helvetica, 'DejaVu Sans', Arial, sans-serif";

/** Mean width of a letter over the size of its font, in DejaVu Sans, the widest of the fonts above. */
const widthOfLetter = 0.6;

/** Text with the signs that XML reserves replaced, for content and attributes. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** About how wide a line of text is, in pixels: 0.6 of the font's size per letter. */
export function widthOfText(text: string, size: number): number {
  return [...text].length * size * widthOfLetter;
}

/** A piece of a figure: its SVG, and how much height it takes. */
export interface Piece {
  readonly svg: string;
  /** Pixels. */
  readonly height: number;
}

/** Where and how a paragraph stands, in pixels. */
interface Setting {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly fill: string;
}

/** Text as lines that fit the width, from the top left corner (x, y). */
export function paragraph(text: string, { x, y, width, size, fill }: Setting): Piece {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line !== undefined && widthOfText(`${line} ${word}`, size) <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  const step = Math.round(1.35 * size);
  const svg = lines
    .map(
      (line, i) =>
        `<text x="${x}" y="${y + (i + 1) * step - Math.round(0.35 * size)}" font-size="${size}" fill="${fill}" text-anchor="start">${escapeText(line)}</text>`,
    )
    .join('');
  return { svg, height: lines.length * step };
}
