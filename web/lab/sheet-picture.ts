import type { LabSheet } from '../../src/lab/lab-protocol.ts';
import type { Palette } from './palette.ts';

/** Draws images of a sheet in a square of rows and columns, pixel by pixel. */
export function drawSheet(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  pixels: Uint8Array,
  sheet: LabSheet,
  palette: Palette,
): void {
  const { count, channels } = sheet;
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const gap = 1;
  const tileWidth = sheet.width + gap;
  const tileHeight = sheet.height + gap;
  const canvas = new OffscreenCanvas(columns * tileWidth - gap, rows * tileHeight - gap);
  const small = canvas.getContext('2d')!;
  const area = sheet.width * sheet.height;
  for (let image = 0; image < count; image++) {
    const data = small.createImageData(sheet.width, sheet.height);
    for (let i = 0; i < area; i++)
      for (let channel = 0; channel < 4; channel++)
        data.data[4 * i + channel] =
          channel === 3 ? 255 : pixels[(image * channels + Math.min(channel, channels - 1)) * area + i]!;
    small.putImageData(data, (image % columns) * tileWidth, Math.floor(image / columns) * tileHeight);
  }
  context.clearRect(0, 0, width, height);
  context.fillStyle = palette.line;
  const scale = Math.min(width / canvas.width, height / canvas.height);
  const [w, h] = [canvas.width * scale, canvas.height * scale];
  context.fillRect((width - w) / 2, (height - h) / 2, w, h);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, (width - w) / 2, (height - h) / 2, w, h);
}
