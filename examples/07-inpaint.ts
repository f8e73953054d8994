// One network for all conditionals: trained under random masks, it completes an image of which any part is hidden.
// Run: npx tsx examples/07-inpaint.ts [steps]
import { writeFile } from 'node:fs/promises';
import {
  encodePng,
  hiddenParts,
  knownPixels,
  loadDataset,
  openCompleter,
  openSession,
  sheet,
  trainInpainter,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 3000);
const dataset = await loadDataset('digits');
const session = await openSession();
const inpainter = await trainInpainter(dataset, { session, steps });
const completer = await openCompleter(inpainter, { session, seed: 1 });

const [count, size] = [hiddenParts.length, 28 * 28];
const pixels = Float32Array.from(dataset.test.examples.subarray(0, count * size), (value) => value / 255);
const images = { dtype: 'float32', shape: [count, 1, 28, 28], data: pixels } as const;

// Another part of each digit is hidden: 1 known, 0 hidden.
const known = new Float32Array(count * size);
for (const [row, part] of hiddenParts.entries()) known.set(knownPixels(part, 28, 28, 1), row * size);

// What is known, the mean of all completions as a second network predicts it, and six draws.
const shown = [pixels.map((value, i) => (known[i] === 1 ? value : 0.4))];
for (let draw = 0; draw < 6; draw++) {
  const { drawn, mean } = await completer.complete(images, known, draw);
  if (draw === 0) shown.push(mean.data);
  shown.push(drawn.data);
}
const [first, second] = shown.slice(2) as [Float32Array, Float32Array];
const hidden = known.filter((value) => value === 0).length;
const between = first.reduce((sum, value, i) => sum + (value - second[i]!) ** 2, 0) / hidden;
console.log(`two draws differ by ${Math.sqrt(between).toFixed(3)} in a hidden pixel`);

const cells = Array.from({ length: count }, (_, row) =>
  shown.map((data) => [...data.subarray(row * size, (row + 1) * size)]),
).flat(2);
const bytes = Uint8Array.from(cells, (value) => Math.round(value * 255));
const columns = shown.length;
const picture = sheet(bytes, [count * columns, 1, 28, 28], { columns, scale: 2 });
await writeFile('completed.png', encodePng(picture));
await session.release();
