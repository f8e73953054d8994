/** How long arrows are drawn: pixels for one unit of gradient. */
export interface ArrowScale {
  readonly pixelsPerUnit: number;
  /** Longer ones are cut. */
  readonly most: number;
}

/** Length of a vector of `field`, [n, d]. */
function norm(field: ArrayLike<number>, dimension: number, row: number): number {
  let sum = 0;
  for (let axis = 0; axis < dimension; axis++) sum += field[row * dimension + axis]! ** 2;
  return Math.sqrt(sum);
}

/** Mean length of the vectors of a field, [n, d]. */
export function meanLength(field: ArrayLike<number>, dimension: number): number {
  const rows = field.length / dimension;
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += norm(field, dimension, row);
  return rows === 0 ? 0 : sum / rows;
}

/**
 * One scale for all arrows of a picture, so that the losses can be compared: the stronger of the fields has arrows of `usual`
 * pixels on average. The scale is a round number, so that it does not tremble from frame to frame.
 */
export function arrowScale(
  fields: readonly ArrayLike<number>[],
  dimension: number,
  usual: number,
): ArrowScale {
  const mean = Math.max(...fields.map((field) => meanLength(field, dimension)), 1e-12);
  const rough = usual / mean;
  return { pixelsPerUnit: 2 ** Math.round(Math.log2(rough)), most: 3.5 * usual };
}

/** Draws an arrow from a place along (dx, dy), in pixels. */
export function drawArrow(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  dx: number,
  dy: number,
  most: number,
): void {
  const length = Math.hypot(dx, dy);
  if (length < 0.75) return;
  const cut = Math.min(1, most / length);
  const [endX, endY] = [x + dx * cut, y + dy * cut];
  const head = Math.min(5, 0.5 * length * cut);
  const angle = Math.atan2(dy, dx);
  context.moveTo(x, y);
  context.lineTo(endX, endY);
  for (const turn of [-2.6, 2.6]) {
    context.moveTo(endX, endY);
    context.lineTo(endX + head * Math.cos(angle + turn), endY + head * Math.sin(angle + turn));
  }
}
