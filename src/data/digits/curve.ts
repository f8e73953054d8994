import type { Line } from './line.ts';

/** Most knots of one digit. */
const mostKnots = 32;

/** Distance of the points that a curve is cut into, in hundredths of the digit's height: about 1.4 dots of the page. */
const pointDistance = 3.5;

/** What the pen passes: places and how sharply it turns there, 0 (in a curve) to 1 (in a corner). */
export class Knots {
  readonly x: Float64Array = new Float64Array(mostKnots);
  readonly y: Float64Array = new Float64Array(mostKnots);
  readonly sharpness: Float64Array = new Float64Array(mostKnots);
}

/**
 * Draws one stroke: the centripetal Catmull-Rom spline through its knots, which makes neither cusps nor loops of its own
 * between them. At a sharp knot the tangent turns towards the chord, on either side, so that a corner remains.
 *
 * @see Yuksel, Schaefer and Keyser 2011, "Parameterization and applications of Catmull-Rom curves",
 *   https://doi.org/10.1016/j.cad.2010.08.008
 */
export class Curve {
  /** Per segment: its length in the spline's parameter, the root of the chord's, and the chord per unit of it. */
  readonly #length = new Float64Array(mostKnots);
  readonly #chordX = new Float64Array(mostKnots);
  readonly #chordY = new Float64Array(mostKnots);
  /** Per segment: derivatives where it starts and where it ends. */
  readonly #startX = new Float64Array(mostKnots);
  readonly #startY = new Float64Array(mostKnots);
  readonly #endX = new Float64Array(mostKnots);
  readonly #endY = new Float64Array(mostKnots);

  /** Appends the points behind the first knot, up to and with the last; the caller has placed the first, maybe a hook. */
  draw(knots: Knots, first: number, last: number, line: Line): void {
    this.#slopes(knots, first, last);
    const { x, y } = knots;
    for (let i = first; i < last; i++) {
      const length = this.#length[i]!;
      const startX = this.#startX[i]! * length;
      const startY = this.#startY[i]! * length;
      const endX = this.#endX[i]! * length;
      const endY = this.#endY[i]! * length;
      const steps = Math.max(2, Math.ceil((length * length) / pointDistance));
      for (let step = 1; step <= steps; step++) {
        const t = step / steps;
        const s = 1 - t;
        // Hermite's cubic in a form whose weights of the two knots add up to 1 exactly.
        const near = s * s * (1 + 2 * t);
        const far = 1 - near;
        const out = t * s * s;
        const into = t * t * s;
        line.add(
          near * x[i]! + far * x[i + 1]! + out * startX - into * endX,
          near * y[i]! + far * y[i + 1]! + out * startY - into * endY,
          false,
        );
      }
    }
  }

  #slopes(knots: Knots, first: number, last: number): void {
    const { x, y, sharpness } = knots;
    const length = this.#length;
    const chordX = this.#chordX;
    const chordY = this.#chordY;
    for (let i = first; i < last; i++) {
      const dx = x[i + 1]! - x[i]!;
      const dy = y[i + 1]! - y[i]!;
      // Knots may fall together; the offset keeps the divisions finite and is far below a dot.
      length[i] = Math.sqrt(Math.sqrt(dx * dx + dy * dy)) + 1e-3;
      chordX[i] = dx / length[i]!;
      chordY[i] = dy / length[i]!;
    }
    for (let i = first + 1; i < last; i++) {
      const before = length[i - 1]!;
      const after = length[i]!;
      const smooth = (1 - sharpness[i]!) / (before + after);
      const smoothX = smooth * (chordX[i - 1]! * after + chordX[i]! * before);
      const smoothY = smooth * (chordY[i - 1]! * after + chordY[i]! * before);
      this.#endX[i - 1] = smoothX + sharpness[i]! * chordX[i - 1]!;
      this.#endY[i - 1] = smoothY + sharpness[i]! * chordY[i - 1]!;
      this.#startX[i] = smoothX + sharpness[i]! * chordX[i]!;
      this.#startY[i] = smoothY + sharpness[i]! * chordY[i]!;
    }
    // The two ends: a parabola, that is no third derivative.
    const end = last - 1;
    const isStraight = end === first;
    this.#startX[first] = isStraight ? chordX[first]! : 1.5 * chordX[first]! - 0.5 * this.#endX[first]!;
    this.#startY[first] = isStraight ? chordY[first]! : 1.5 * chordY[first]! - 0.5 * this.#endY[first]!;
    this.#endX[end] = isStraight ? chordX[end]! : 1.5 * chordX[end]! - 0.5 * this.#startX[end]!;
    this.#endY[end] = isStraight ? chordY[end]! : 1.5 * chordY[end]! - 0.5 * this.#startY[end]!;
  }
}
