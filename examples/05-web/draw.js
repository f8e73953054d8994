// Samples of a generator on a canvas, without zerosum. From the root of a clone, with a run of images from z ~ N(0, I):
// npx zerosum export RUN --out examples/05-web/generator.onnx && npx vite examples/05-web
import * as ort from 'onnxruntime-web/wasm';

const session = await ort.InferenceSession.create('generator.onnx');
const [, latentDim] = session.inputMetadata[0].shape;
const canvas = document.querySelector('canvas');
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

async function draw() {
  const z = new ort.Tensor(Float32Array.from({ length: 64 * latentDim }, normal), [64, latentDim]);
  const { samples } = await session.run({ z });
  const [, channels, height, width] = samples.dims;
  const sheet = new ImageData(8 * width, 8 * height);
  for (let i = 0; i < sheet.data.length; i++) {
    const [x, y, colour] = [(i >> 2) % sheet.width, Math.floor(i / 4 / sheet.width), i % 4];
    const n = 8 * Math.floor(y / height) + Math.floor(x / width);
    const row = (n * channels + Math.min(colour, channels - 1)) * height + (y % height);
    sheet.data[i] = colour === 3 ? 255 : 255 * samples.data[row * width + (x % width)];
  }
  Object.assign(canvas, { width: sheet.width, height: sheet.height });
  canvas.getContext('2d').putImageData(sheet, 0, 0);
}

document.querySelector('button').addEventListener('click', draw);
await draw();
