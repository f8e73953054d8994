import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, type PixelReading } from './decode-image.ts';

const reading: PixelReading = { size: 16, fit: 'crop', linear: false, planes: 3 };

type Colour = readonly [red: number, green: number, blue: number];
const [red, green, blue, white]: readonly Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

/** An RGB picture whose colours follow from the place. */
function picture(width: number, height: number, colourAt: (x: number, y: number) => Colour): Sharp {
  const data = Buffer.from(
    Array.from({ length: width * height }, (_, i) => [...colourAt(i % width, Math.floor(i / width))]).flat(),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Four quarters, by which every way of turning a picture can be told. */
const quarters = (width: number, height: number) =>
  picture(width, height, (x, y) =>
    x < width / 2 ? (y < height / 2 ? red! : blue!) : y < height / 2 ? green! : white!,
  );

async function decoded(file: Sharp | Uint8Array, changes: Partial<PixelReading> = {}) {
  const bytes = file instanceof Uint8Array ? file : await file.toBuffer();
  const options = { ...reading, ...changes };
  const { pixels, ...facts } = await decodeImage(sharp, bytes, options);
  const { size, planes } = options;
  expect(pixels).toHaveLength(planes * size * size);
  const at = (x: number, y: number) =>
    Array.from({ length: planes }, (_, plane) => pixels[(plane * size + y) * size + x]!);
  return { ...facts, pixels, at };
}

/** The middles of the quarters, row by row. */
const corners = ({ at }: { at: (x: number, y: number) => number[] }) => [
  at(3, 3),
  at(12, 3),
  at(3, 12),
  at(12, 12),
];

/** A colour as a lossy format leaves it. */
function about(colour: readonly number[], tolerance = 12) {
  return colour.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)));
}

describe('decodeImage', () => {
  it.each([
    ['png', (file: Sharp) => file.png()],
    ['jpeg', (file: Sharp) => file.jpeg({ quality: 100, chromaSubsampling: '4:4:4' })],
    ['webp', (file: Sharp) => file.webp({ lossless: true })],
    ['gif', (file: Sharp) => file.gif()],
    ['avif', (file: Sharp) => file.avif({ quality: 100, chromaSubsampling: '4:4:4', effort: 0 })],
    ['tiff', (file: Sharp) => file.tiff({ compression: 'lzw' })],
    ['png with a palette', (file: Sharp) => file.png({ palette: true, colours: 4 })],
    ['png of 16 bits', (file: Sharp) => file.toColourspace('rgb16').png()],
  ])('reads %s', async (_, as) => {
    const image = await decoded(as(quarters(48, 48)));
    expect(corners(image)).toEqual([red, green, blue, white].map((colour) => about(colour!)));
    expect(image).toMatchObject({ isGrey: false, isEnlarged: false });
  });

  it('turns a picture upright in each of the eight EXIF orientations', async () => {
    // What is stored, row by row, for a picture that shows red, green / blue, white when it is upright.
    const stored: Record<number, readonly (Colour | undefined)[]> = {
      1: [red, green, blue, white],
      2: [green, red, white, blue],
      3: [white, blue, green, red],
      4: [blue, white, red, green],
      5: [red, blue, green, white],
      6: [green, white, red, blue],
      7: [white, green, blue, red],
      8: [blue, red, white, green],
    };
    for (const [orientation, colours] of Object.entries(stored)) {
      const file = picture(40, 30, (x, y) => colours[(y < 15 ? 0 : 2) + (x < 20 ? 0 : 1)]!);
      const image = await decoded(file.withMetadata({ orientation: Number(orientation) }).png());
      expect(corners(image), orientation).toEqual([red, green, blue, white]);
    }
  });

  it('reads 16 bits as the nearest 8', async () => {
    const values = Uint16Array.from({ length: 16 * 16 }, (_, i) => i * 257);
    const file = sharp(values, { raw: { width: 16, height: 16, channels: 1 } });
    const { pixels, isGrey } = await decoded(file.toColourspace('grey16').png());
    expect(isGrey).toBe(true);
    expect(pixels.subarray(256, 512)).toBeAllClose(
      Uint8Array.from({ length: 256 }, (_, i) => i),
      { rtol: 0, atol: 1 },
    );
  });

  it('reads CMYK', async () => {
    const file = quarters(48, 48).toColourspace('cmyk').jpeg({ quality: 100, chromaSubsampling: '4:4:4' });
    const image = await decoded(file);
    expect((await sharp(await file.toBuffer()).metadata()).space).toBe('cmyk');
    // Ink does not reach the corners of sRGB: which colour it is has to be seen all the same.
    const [ofRed, ofGreen, ofBlue, ofWhite] = corners(image);
    expect(ofRed!.indexOf(Math.max(...ofRed!))).toBe(0);
    expect(ofGreen!.indexOf(Math.max(...ofGreen!))).toBe(1);
    expect(ofBlue!.indexOf(Math.max(...ofBlue!))).toBe(2);
    expect(ofWhite).toEqual(about([255, 255, 255]));
  });

  it('lays transparent parts on white, half-transparent ones in proportion', async () => {
    const alpha = [255, 128, 0, 255];
    const data = Buffer.from(Array.from({ length: 64 }, (_, i) => [0, 0, 0, alpha[(i % 8) >> 1]!]).flat());
    const file = sharp(data, { raw: { width: 8, height: 8, channels: 4 } }).png();
    const { at } = await decoded(file, { size: 8 });
    expect(at(0, 4)).toEqual([0, 0, 0]);
    expect(at(4, 4)).toEqual([255, 255, 255]);
    expect(at(2, 4)).toEqual(about([127, 127, 127], 1));
  });

  it('applies the colour profile: a red of Display P3 lies outside of sRGB', async () => {
    const half = picture(32, 32, () => [128, 0, 0]);
    const plain = await decoded(half.clone().png());
    // The profile of Display P3 with sRGB values in it: what is stored is less, what is meant the same.
    const wide = half.clone().withIccProfile('p3').png();
    const [stored] = await sharp(await wide.toBuffer(), { ignoreIcc: true })
      .raw()
      .toBuffer();
    expect(stored).toBeLessThan(120);
    expect((await decoded(wide)).at(8, 8)).toEqual(about(plain.at(8, 8), 3));
  });

  it('crops to the middle', async () => {
    const image = await decoded(picture(64, 32, (x) => (x < 16 ? red! : x < 48 ? green! : blue!)).png(), {
      size: 32,
    });
    expect(image.at(0, 10)).toEqual(green);
    expect(image.at(31, 20)).toEqual(green);
  });

  it('pads with white, above and below or at the sides', async () => {
    const wide = await decoded(picture(32, 16, () => red!).png(), { fit: 'pad' });
    expect([wide.at(8, 3), wide.at(0, 4), wide.at(15, 11), wide.at(8, 12)]).toEqual([white, red, red, white]);
    const tall = await decoded(picture(8, 32, () => blue!).png(), { fit: 'pad' });
    expect([tall.at(5, 8), tall.at(6, 0), tall.at(9, 15), tall.at(10, 8)]).toEqual([
      white,
      blue,
      blue,
      white,
    ]);
    const thin = await decoded(picture(400, 1, () => green!).png(), { fit: 'pad' });
    expect([thin.at(0, 6), thin.at(0, 7), thin.at(15, 8)]).toEqual([white, green, white]);
  });

  it('averages as numbers, or in linear light: a fine checkerboard comes out at 128 or 188', async () => {
    const board = await picture(64, 64, (x, y) => ((x + y) % 2 === 0 ? white! : [0, 0, 0]))
      .png()
      .toBuffer();
    for (const planes of [1, 3] as const)
      for (const fit of ['crop', 'pad'] as const) {
        const byNumber = await decoded(board, { planes, fit });
        const byLight = await decoded(board, { planes, fit, linear: true });
        expect(byNumber.at(8, 8)).toEqual(about(Array(planes).fill(127.5), 1));
        // 255 (1.055 0.5^(1 / 2.4) - 0.055)
        expect(byLight.at(8, 8)).toEqual(about(Array(planes).fill(187.5), 1));
      }
  });

  it('keeps colour profiles and CMYK right in linear light too', async () => {
    const profiled = picture(32, 32, () => [128, 64, 32])
      .withIccProfile('p3')
      .png();
    expect((await decoded(profiled, { linear: true })).at(8, 8)).toEqual(about([128, 64, 32], 4));
    const ink = picture(32, 32, () => [200, 180, 160])
      .toColourspace('cmyk')
      .jpeg({ quality: 100 });
    const inked = (await decoded(ink)).at(8, 8);
    expect((await decoded(ink, { linear: true })).at(8, 8)).toEqual(about(inked, 3));
  });

  it('antialiases: stripes finer than a pixel become their mean, not some of them', async () => {
    const { pixels } = await decoded(picture(160, 160, (x) => (x % 2 === 0 ? white! : [0, 0, 0])).png());
    // Away from the edge, where the kernel has nothing on one side.
    const inside = pixels.filter((_, i) => i % 16 > 1 && i % 16 < 14);
    for (const value of inside) expect(Math.abs(value - 127.5)).toBeLessThan(3);
  });

  it('tells grey from colour whatever the file says', async () => {
    const grey = picture(32, 32, (x) => [4 * x, 4 * x, 4 * x]);
    expect((await decoded(grey.clone().png())).isGrey).toBe(true);
    expect((await decoded(grey.clone().jpeg())).isGrey).toBe(true);
    expect((await decoded(grey.clone().toColourspace('b-w').png())).isGrey).toBe(true);
    expect((await decoded(picture(32, 32, (x) => [4 * x, 4 * x, 4 * x + 5]).png())).isGrey).toBe(false);
  });

  it('makes one plane of luminance: green is lighter than red, red than blue', async () => {
    const { at } = await decoded(quarters(32, 32).png(), { planes: 1 });
    const [ofRed, ofGreen, ofBlue, ofWhite] = corners({ at }).flat();
    expect(ofWhite).toBe(255);
    expect(ofGreen).toBeGreaterThan(ofRed!);
    expect(ofRed).toBeGreaterThan(ofBlue!);
  });

  it('takes the first frame of an animation', async () => {
    const frame = (value: number) =>
      sharp({ create: { width: 16, height: 16, channels: 3, background: { r: value, g: 0, b: 0 } } })
        .png()
        .toBuffer();
    const frames = await Promise.all([frame(255), frame(0)]);
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    expect((await sharp(animation, { animated: true }).metadata()).pages).toBe(2);
    expect((await decoded(animation)).at(8, 8)).toEqual([255, 0, 0]);
  });

  it('enlarges what is small and says so', async () => {
    const { at, isEnlarged } = await decoded(picture(1, 1, () => [10, 200, 30]).png());
    expect([at(0, 0), at(15, 15), isEnlarged]).toEqual([[10, 200, 30], [10, 200, 30], true]);
    expect((await decoded(quarters(15, 40).png())).isEnlarged).toBe(true);
    expect((await decoded(quarters(15, 40).png(), { fit: 'pad' })).isEnlarged).toBe(false);
  });

  it('gives the reason where there is nothing to decode', async () => {
    const jpeg = await quarters(64, 64).jpeg().toBuffer();
    const vector = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const reasonFor = (bytes: Uint8Array) =>
      decodeImage(sharp, bytes, reading).then(
        () => 'decoded',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    expect(await reasonFor(new Uint8Array())).toBe('DataError: is empty');
    expect(await reasonFor(Buffer.from('no image'))).toBe('DataError: holds no image of a kind that is read');
    expect(await reasonFor(jpeg.subarray(0, jpeg.length / 2))).toBe('DataError: premature end of JPEG image');
    expect(await reasonFor(vector)).toBe('DataError: is SVG, which is not read: convert it to PNG');
  });
});
