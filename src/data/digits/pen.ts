import type { Line } from './line.ts';
import { noiseLength, noiseSide } from './noise.ts';

/** Side of an image, in pixels. */
export const imageSide = 28;

/** Side of the box that a digit is fitted into before it is centred, in pixels. */
const boxSide = 20;

/** Side of the page that is written on, in dots; the largest digit stays well inside. */
export const pageSide = 96;

/** By how much ink runs or stops short on the grain of the paper: its deviation and its most, in dots. */
const grain = 0.25;
const mostGrain = 0.6;

/**
 * A sheet of paper under a scanner that knows only ink and no ink, as the forms were whose digits became MNIST. The grey
 * of an image arises as it did there: the black-and-white digit, some forty dots tall, is averaged down to 20 pixels.
 */
export class Page {
  readonly #dots = new Uint8Array(pageSide * pageSide);
  /** Sums over the dots of a row that fall into each column of the box. */
  readonly #columns = new Float64Array(pageSide * boxSide);
  readonly #box = new Float64Array(boxSide * boxSide);
  #left = pageSide;
  #right = -1;
  #top = pageSide;
  #bottom = -1;

  /**
   * Inks every dot whose centre is nearer to `line` than the pen's radius there, give or take the paper's grain.
   *
   * @param noise - standard normals [noiseSide, noiseSide]: how far the ink runs, in units of `grain`, at each dot
   * @param corner - the value of `noise` that falls on the page's first dot
   */
  ink(line: Line, noise: Float32Array, corner: number): void {
    const { x, y, radius, begins, count } = line;
    const dots = this.#dots;
    for (let i = 0; i < count; i++) {
      // The segment that ends at point i; a stroke's first point is a segment without length.
      const from = begins[i] === 1 ? i : i - 1;
      const x0 = x[from]!;
      const y0 = y[from]!;
      const r0 = radius[from]!;
      const dx = x[i]! - x0;
      const dy = y[i]! - y0;
      const dr = radius[i]! - r0;
      const inverse = 1 / (dx * dx + dy * dy + 1e-9);
      const reach = Math.max(r0, r0 + dr) + mostGrain;
      const left = Math.ceil(Math.min(x0, x0 + dx) - reach);
      const right = Math.floor(Math.max(x0, x0 + dx) + reach);
      const top = Math.ceil(Math.min(y0, y0 + dy) - reach);
      const bottom = Math.floor(Math.max(y0, y0 + dy) + reach);
      for (let row = top; row <= bottom; row++) {
        const py = row - y0;
        for (let column = left; column <= right; column++) {
          const dot = row * pageSide + column;
          if (dots[dot] === 1) continue;
          const px = column - x0;
          const t = Math.max(0, Math.min(1, (px * dx + py * dy) * inverse));
          const ex = px - t * dx;
          const ey = py - t * dy;
          const squaredDistance = ex * ex + ey * ey;
          const farthest = r0 + t * dr + mostGrain;
          if (squaredDistance >= farthest * farthest) continue;
          const runs = grain * noise[(corner + row * noiseSide + column) & (noiseLength - 1)]!;
          const reached = farthest - mostGrain + Math.max(-mostGrain, runs);
          if (squaredDistance < reached * reached) dots[dot] = 1;
        }
      }
      this.#left = Math.min(this.#left, left);
      this.#right = Math.max(this.#right, right);
      this.#top = Math.min(this.#top, top);
      this.#bottom = Math.max(this.#bottom, bottom);
    }
  }

  /**
   * Writes the digit as uint8 `[28, 28]` to `out` at `offset` and clears the page. As MNIST's authors did, the digit is
   * averaged down into a box of 20 x 20 pixels, its sides in proportion, and the box is put where the ink's centre of
   * mass falls on the middle of the image, to the nearest pixel; but never onto the image's border.
   */
  scan(out: Uint8Array, offset: number): void {
    this.#crop();
    const side = Math.max(this.#right - this.#left, this.#bottom - this.#top) + 1;
    const left = this.#left - ((side - (this.#right - this.#left + 1)) >> 1);
    const top = this.#top - ((side - (this.#bottom - this.#top + 1)) >> 1);
    this.#average(left, top, side);

    const box = this.#box;
    let mass = 0;
    let massX = 0;
    let massY = 0;
    for (let row = 0; row < boxSide; row++) {
      for (let column = 0; column < boxSide; column++) {
        const ink = box[row * boxSide + column]!;
        mass += ink;
        massX += ink * column;
        massY += ink * row;
      }
    }
    const middle = imageSide / 2;
    const most = imageSide - boxSide - 1;
    const shiftX = Math.min(most, Math.max(1, Math.floor(middle - massX / mass + 0.5)));
    const shiftY = Math.min(most, Math.max(1, Math.floor(middle - massY / mass + 0.5)));
    const full = 255 / ((side / boxSide) * (side / boxSide));
    out.fill(0, offset, offset + imageSide * imageSide);
    for (let row = 0; row < boxSide; row++) {
      const start = offset + (row + shiftY) * imageSide + shiftX;
      for (let column = 0; column < boxSide; column++)
        out[start + column] = Math.floor(box[row * boxSide + column]! * full + 0.5);
    }
    this.#clear();
  }

  /** Narrows the touched rectangle to the ink in it. */
  #crop(): void {
    const dots = this.#dots;
    let left = this.#right;
    let right = this.#left;
    let top = -1;
    let bottom = -1;
    for (let row = this.#top; row <= this.#bottom; row++) {
      for (let column = this.#left; column <= this.#right; column++) {
        if (dots[row * pageSide + column] === 0) continue;
        if (column < left) left = column;
        if (column > right) right = column;
        if (top < 0) top = row;
        bottom = row;
      }
    }
    this.#left = left;
    this.#right = right;
    this.#top = top;
    this.#bottom = bottom;
  }

  /** Averages the square of `side` dots at (`left`, `top`) into the box, columns first, then rows. */
  #average(left: number, top: number, side: number): void {
    const dots = this.#dots;
    const columns = this.#columns;
    const box = this.#box;
    const ratio = boxSide / side;
    columns.fill(0, 0, side * boxSide);
    box.fill(0);
    for (let column = this.#left; column <= this.#right; column++) {
      // A dot spans at most two pixels of the box, since side >= boxSide; `split` is the share of the first.
      const position = (column - left) * ratio;
      const first = Math.floor(position);
      const over = position + ratio - (first + 1);
      const second = over > 0 && first + 1 < boxSide ? over / ratio : 0;
      for (let row = this.#top; row <= this.#bottom; row++) {
        if (dots[row * pageSide + column] === 0) continue;
        const start = (row - top) * boxSide + first;
        columns[start] = columns[start]! + 1 - second;
        if (second > 0) columns[start + 1] = columns[start + 1]! + second;
      }
    }
    for (let row = this.#top; row <= this.#bottom; row++) {
      const position = (row - top) * ratio;
      const first = Math.floor(position);
      const over = position + ratio - (first + 1);
      const second = over > 0 && first + 1 < boxSide ? over / ratio : 0;
      const from = (row - top) * boxSide;
      const start = first * boxSide;
      for (let column = 0; column < boxSide; column++) {
        const ink = columns[from + column]!;
        box[start + column] = box[start + column]! + ink * (1 - second);
        if (second > 0) box[start + boxSide + column] = box[start + boxSide + column]! + ink * second;
      }
    }
  }

  #clear(): void {
    for (let row = this.#top; row <= this.#bottom; row++)
      this.#dots.fill(0, row * pageSide + this.#left, row * pageSide + this.#right + 1);
    this.#left = pageSide;
    this.#right = -1;
    this.#top = pageSide;
    this.#bottom = -1;
  }
}
