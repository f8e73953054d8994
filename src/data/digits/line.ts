/** Most points of one digit's line; the longest take less than half of them. */
const mostPoints = 512;

/**
 * The path of the pen while it writes one digit: points in the order of writing, with the pen's radius at each. Written
 * in hundredths of the digit's height, y downwards; `fit` turns it into dots of the page.
 */
export class Line {
  readonly x: Float64Array = new Float64Array(mostPoints);
  readonly y: Float64Array = new Float64Array(mostPoints);
  readonly radius: Float64Array = new Float64Array(mostPoints);
  /** 1 at the first point of a stroke: the pen was in the air before it. */
  readonly begins: Uint8Array = new Uint8Array(mostPoints);
  count = 0;

  clear(): void {
    this.count = 0;
  }

  add(x: number, y: number, begins: boolean): void {
    const i = this.count++;
    this.x[i] = x;
    this.y[i] = y;
    this.begins[i] = begins ? 1 : 0;
  }

  /** Rounds off what lies behind point `from`: `passes` times the weights 1/4, 1/2, 1/4; the two ends stay. */
  soften(from: number, passes: number): void {
    const { x, y } = this;
    const last = this.count - 1;
    for (let pass = 0; pass < passes; pass++) {
      let beforeX = x[from]!;
      let beforeY = y[from]!;
      for (let i = from + 1; i < last; i++) {
        const hereX = x[i]!;
        const hereY = y[i]!;
        x[i] = 0.25 * (beforeX + x[i + 1]!) + 0.5 * hereX;
        y[i] = 0.25 * (beforeY + y[i + 1]!) + 0.5 * hereY;
        beforeX = hereX;
        beforeY = hereY;
      }
    }
  }

  /** Scales the path so that its longer side is `side`, and moves the middle of its bounding box to (centre, centre). */
  fit(side: number, centre: number): void {
    const { x, y, count } = this;
    let left = x[0]!;
    let right = left;
    let top = y[0]!;
    let bottom = top;
    for (let i = 1; i < count; i++) {
      left = Math.min(left, x[i]!);
      right = Math.max(right, x[i]!);
      top = Math.min(top, y[i]!);
      bottom = Math.max(bottom, y[i]!);
    }
    const scale = side / Math.max(right - left, bottom - top);
    for (let i = 0; i < count; i++) {
      x[i] = (x[i]! - (left + right) / 2) * scale + centre;
      y[i] = (y[i]! - (top + bottom) / 2) * scale + centre;
    }
  }
}
