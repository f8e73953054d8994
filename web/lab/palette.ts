import { type ReadonlySignal, signal } from '@preact/signals';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The colours of the style sheet, as pictures need them. */
export interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly real: string;
  readonly model: string;
  readonly discriminator: string;
  readonly nonSaturating: string;
  readonly minimax: string;
  readonly font: string;
  /** Where D is 1, 1/2 and 0. */
  readonly heat: { readonly real: Rgb; readonly even: Rgb; readonly fake: Rgb };
}

function rgb(text: string): Rgb {
  const digits = text.replace('#', '');
  const wide = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const value = Number.parseInt(wide, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: token('ground'),
    text: token('text'),
    quiet: token('quiet'),
    line: token('line'),
    real: token('real'),
    model: token('model'),
    discriminator: token('discriminator'),
    nonSaturating: token('gradient'),
    minimax: token('minimax'),
    font: token('font'),
    heat: { real: rgb(token('heat-real')), even: rgb(token('heat-even')), fake: rgb(token('heat-fake')) },
  };
}

/** The palette, which follows the system between light and dark. */
export function followPalette(): ReadonlySignal<Palette> {
  const palette = signal(read());
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', () => {
    palette.value = read();
  });
  return palette;
}
