import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { colorLegend, type DrawnScale } from './legend.ts';
import { escapeText, fontAttribute, ink, paragraph } from './lettering.ts';

/** What Plot returns, as far as it is used here: the types of the browser's document are not available in Node. */
interface Drawn {
  readonly tagName: string;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  scale(name: string): DrawnScale | undefined;
}

const margin = 16;

/** Nothing is drawn so far out; the renderer of pictures ends the process where a clipped curve goes much farther. */
const FARTHEST = 20_000;

/** Plot leaves floating-point noise in attributes: thousandths of a pixel are enough, and keep files small. */
const rounded = (svg: string): string =>
  svg.replace(/<[^>]+>/g, (tag) =>
    tag.replace(
      /(?<![#\w.-])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|(?<=[A-Z])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g,
      (text) => {
        const value = Math.min(FARTHEST, Math.max(-FARTHEST, Number(text)));
        return String(Math.round(value * 1000) / 1000);
      },
    ),
  );

/** An SVG without style sheets: each value where it applies, for programs that know no CSS. */
const selfContained = (svg: string): string =>
  rounded(svg)
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replaceAll('var(--plot-background)', 'white')
    .replaceAll('currentColor', ink)
    .replaceAll(/ class="[^"]*"/g, '');

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A tick of a logarithmic axis as a power of ten, `10⁻³`; none for numbers that are no power of ten. */
export function powerOfTen(value: number): string {
  const exponent = Math.log10(value);
  const whole = Math.round(exponent);
  if (Math.abs(exponent - whole) > 1e-9) return '';
  const digits = String(Math.abs(whole)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  return `10${whole < 0 ? '⁻' : ''}${digits}`;
}

/**
 * A plot as a self-contained SVG document: width, height and viewBox, white ground, dark grey lettering in a sans-serif
 * font of 12 points, no style sheets or scripts. It takes the options of Observable Plot; `title`, `subtitle`, `caption`
 * and the legend of `color: { legend: true }` are drawn into the SVG, where Plot would make HTML of them. `Plot.raster` and
 * `Plot.image` need a browser's canvas and are not available: fields are drawn with `Plot.rect`.
 *
 * @param options - as for `Plot.plot`; `width` defaults to 640, and `document` is set here
 * @returns the text of the SVG, the same for the same options on every machine
 * @see https://observablehq.com/plot/features/plots
 */
export function plotSvg(options: Plot.PlotOptions): string {
  const { title, subtitle, caption, color, ...rest } = options;
  const width = rest.width ?? 640;
  const { legend, ...colorScale } = color ?? {};
  const { document } = parseHTML('<html><body></body></html>');
  // Plot's own margins are made for lettering of 10 points.
  const margins = rest.margin === undefined ? { marginTop: 28, marginBottom: 40, marginLeft: 48 } : {};
  const figure = Plot.plot({
    ...margins,
    ...rest,
    width,
    document,
    ...(color ? { color: colorScale } : {}),
  }) as unknown as Drawn;
  const height = Number(/ height="([\d.]+)"/.exec(figure.outerHTML)?.[1]);

  const room = width - 2 * margin;
  const above: string[] = [];
  let top = title || subtitle || legend ? 8 : 0;
  for (const [text, size, fill] of [
    [title, 15, ink],
    [subtitle, 12, '#555'],
  ] as const) {
    if (text === undefined || text === null) continue;
    const written = paragraph(String(text), { x: margin, y: top, width: room, size, fill });
    above.push(written.svg);
    top += written.height;
  }
  const scale = legend ? figure.scale('color') : undefined;
  if (scale) {
    const drawn = colorLegend(scale, {
      x: margin,
      y: top + 4,
      width: room,
      label: colorScale.label ?? undefined,
    });
    above.push(drawn.svg);
    top += drawn.height + 4;
  }
  const foot = caption
    ? paragraph(String(caption), { x: margin, y: top + height, width: room, size: 11, fill: '#555' })
    : undefined;
  const total = top + height + (foot ? foot.height + 8 : 0);

  figure.setAttribute('y', String(top));
  figure.setAttribute('font-size', '12');
  figure.setAttribute('font-family', fontAttribute);
  const label = rest.ariaLabel ?? title;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img"` +
    `${label ? ` aria-label="${escapeText(String(label))}"` : ''} font-family="${fontAttribute}">` +
    `<rect width="${width}" height="${total}" fill="white"/>` +
    `${above.join('')}${selfContained(figure.outerHTML)}${foot?.svg ?? ''}</svg>\n`
  );
}
