// What is used of gifenc 1.0.3, which ships without types. Node sees its CommonJS build, whose functions hang on the
// default export; bundlers take its ES module, which exports them by name.
declare module 'gifenc' {
  export type Rgb = [red: number, green: number, blue: number];

  export interface FrameOptions {
    palette?: Rgb[];
    /** Milliseconds; rounded to hundredths of a second. */
    delay?: number;
    /** 0: for ever. */
    repeat?: number;
  }

  export interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, options?: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array;
  }

  export interface Gifenc {
    GIFEncoder(): Encoder;
    quantize(rgba: Uint8Array, maxColors: number): Rgb[];
    applyPalette(rgba: Uint8Array, palette: Rgb[]): Uint8Array;
  }

  export const GIFEncoder: Gifenc['GIFEncoder'] | undefined;
  export const quantize: Gifenc['quantize'];
  export const applyPalette: Gifenc['applyPalette'];
  const commonJs: Gifenc;
  // biome-ignore lint/style/noDefaultExport: the package has one
  export default commonJs;
}
