/**
 * Mirrors an image left to right, in place.
 *
 * @param pixels - [..., width], rows of any number of channels one after another
 */
export function mirror(pixels: Uint8Array | Float32Array, width: number): void {
  for (let row = 0; row < pixels.length; row += width) pixels.subarray(row, row + width).reverse();
}
