import { Resvg } from '@resvg/resvg-js';
import { ConfigError } from '../errors.ts';
import { fontFamily, fontFile } from './disk/font-file.ts';

/** How large the picture is. */
export interface SvgToPngOptions {
  /** Pixels across; the height follows. Default twice the SVG's own width, for screens of two pixels per point. */
  readonly width?: number;
}

/** Path of the font, found once: reading it is most of the work of a small figure. */
let font: string | undefined;

/**
 * An SVG as the bytes of a PNG on white, its text in an embedded DejaVu Sans whatever the SVG asks for: the same picture on
 * every machine, also where no font is installed.
 *
 * @throws ConfigError if `width` is no whole number of pixels from 1, or `svg` is no SVG
 */
export function svgToPng(svg: string, options: SvgToPngOptions = {}): Uint8Array {
  const { width } = options;
  if (width !== undefined && !(Number.isInteger(width) && width > 0))
    throw new ConfigError(`svgToPng: width must be a whole number of pixels from 1, got ${width}`);
  font ??= fontFile();
  try {
    const renderer = new Resvg(svg, {
      background: 'white',
      fitTo: width === undefined ? { mode: 'zoom', value: 2 } : { mode: 'width', value: width },
      font: {
        loadSystemFonts: false,
        fontFiles: [font],
        defaultFontFamily: fontFamily,
        sansSerifFamily: fontFamily,
      },
    });
    return new Uint8Array(renderer.render().asPng());
  } catch (cause) {
    throw new ConfigError(
      `svgToPng: svg must be a whole SVG document, got ${JSON.stringify(svg.slice(0, 40))} (${cause instanceof Error ? cause.message : cause})`,
      { cause },
    );
  }
}
