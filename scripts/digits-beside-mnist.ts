import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../src/data/digits/digits.ts';
import { decodeIdxImages, decodeIdxLabels } from '../src/data/idx.ts';
import type { Image } from '../src/io/image.ts';
import { encodePng } from '../src/io/png.ts';
import { sheet } from '../src/io/sheet.ts';

// Looks at the embedded digits: `tsx scripts/digits-beside-mnist.ts [FILE.png]` draws 200 of them beside 200 of MNIST
// (from ZEROSUM_DATA, default ../shared/data) and prints what can be counted; `--alone` draws the sheet of the docs.
const { ZEROSUM_DATA = '../shared/data' } = process.env;
const alone = process.argv.includes('--alone');
const file = process.argv.slice(2).find((argument) => argument.endsWith('.png')) ?? 'digits-beside-mnist.png';

interface Labelled {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

function mnist(count: number): Labelled | undefined {
  const folder = join(ZEROSUM_DATA, 'mnist');
  if (!existsSync(folder)) return undefined;
  const { pixels } = decodeIdxImages(readFileSync(join(folder, 'train-images-idx3-ubyte.gz')));
  const labels = decodeIdxLabels(readFileSync(join(folder, 'train-labels-idx1-ubyte.gz')));
  return { images: pixels.subarray(0, count * 784), labels: labels.subarray(0, count) };
}

function digits(count: number): Labelled {
  const { examples, labels } = drawDigits({ first: 0, count });
  return { images: examples, labels };
}

/** Width of a digit's line in pixels: a line of area A and perimeter P is nearly 2 A / P wide. */
function lineWidth(image: Uint8Array): number {
  let area = 0;
  let perimeter = 0;
  const at = (row: number, column: number) => image[row * 28 + column] ?? 0;
  for (let row = 1; row < 27; row++)
    for (let column = 1; column < 27; column++) {
      area += at(row, column);
      const dx = (at(row, column + 1) - at(row, column - 1)) / 2;
      const dy = (at(row + 1, column) - at(row - 1, column)) / 2;
      perimeter += Math.sqrt(dx * dx + dy * dy);
    }
  return (2 * area) / perimeter;
}

function statistics({ images, labels }: Labelled): string {
  const count = labels.length;
  let sum = 0;
  let squares = 0;
  let background = 0;
  const inkOfDigit = new Float64Array(10);
  const occurrences = new Float64Array(10);
  const widths = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * 784, (i + 1) * 784);
    widths[i] = lineWidth(image);
    occurrences[labels[i]!]!++;
    for (const value of image) {
      sum += value / 255;
      squares += (value / 255) ** 2;
      inkOfDigit[labels[i]!]! += value / 255;
      if (value === 0) background++;
    }
  }
  const mean = sum / images.length;
  widths.sort();
  const percentiles = [1, 25, 50, 75, 99].map((p) => widths[Math.floor((p / 100) * count)]!.toFixed(2));
  const ink = [...inkOfDigit].map((total, digit) => (total / occurrences[digit]! / 784).toFixed(3));
  return [
    `mean ${mean.toFixed(4)}  deviation ${Math.sqrt(squares / images.length - mean * mean).toFixed(4)}`,
    `  background ${(background / images.length).toFixed(4)}`,
    `\n  line width, 1 25 50 75 99 %: ${percentiles.join(' ')}\n  mean of 0 ... 9: ${ink.join(' ')}`,
  ].join('');
}

/** Two images of one height, side by side. */
function beside(a: Image, b: Image): Image {
  const width = a.width + b.width;
  const data = new Uint8Array(width * a.height);
  for (let row = 0; row < a.height; row++) {
    data.set(a.data.subarray(row * a.width, (row + 1) * a.width), row * width);
    data.set(b.data.subarray(row * b.width, (row + 1) * b.width), row * width + a.width);
  }
  return { width, height: a.height, channels: 1, data };
}

if (alone) {
  const { images } = digits(200);
  writeFileSync(file, encodePng(sheet(images, [200, 1, 28, 28], { columns: 20 })));
} else {
  const count = 10_000;
  const ours = digits(count);
  const theirs = mnist(count);
  if (!theirs) throw new Error(`digits-beside-mnist: ${ZEROSUM_DATA} must hold mnist/. Set ZEROSUM_DATA`);
  const part = ({ images }: Labelled) =>
    sheet(images.subarray(0, 200 * 784), [200, 1, 28, 28], { columns: 10, scale: 2 });
  writeFileSync(file, encodePng(beside(part(ours), part(theirs))));
  console.log(`digits\n  ${statistics(ours)}\nMNIST\n  ${statistics(theirs)}\nwritten: ${file}`);
}
