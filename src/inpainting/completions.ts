import { ShapeError } from '../errors.ts';
import { gaussian } from '../gan/latent.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { formatShape, sameShape } from '../graph/shapes.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { constant, input } from '../graph/value.ts';
import { predictingPass } from '../learned/layer-context.ts';
import type { Session } from '../runtime/session.ts';
import { drawFeed } from '../train/feeder.ts';
import { INPAINTING_LATENT_DIM, inpainterNetworks } from './inpainter-network.ts';
import type { Inpainter } from './train-inpainter.ts';

/** Images of one run: enough to fill a machine, few enough for any memory. */
const BLOCK = 500;
const PROGRAM = 'inpainting/complete';

/** A trained inpainter, ready to complete images. */
export interface Completer {
  /**
   * Completes images: known pixels stay as they are.
   *
   * @param images - float32 [N, C, H, W], pixels in [0, 1]; hidden ones are not looked at
   * @param known - 1 known, 0 hidden: [H W] for all images alike, or [N, H W]
   * @param draw - which completion: others for every number, from 0
   * @returns float32 [N, C, H, W]: a draw, and the prediction of the mean of all draws
   */
  complete(
    images: Tensor<'float32'>,
    known: Float32Array,
    draw: number,
  ): Promise<{ readonly drawn: Tensor<'float32'>; readonly mean: Tensor<'float32'> }>;
}

/**
 * Compiles an inpainter.
 *
 * @param seed - of the latent vectors: uint32
 * @throws ExecutionError where the device refuses
 */
export async function openCompleter(
  { exampleShape, variables }: Inpainter,
  { session, seed }: { readonly session: Session; readonly seed: number },
): Promise<Completer> {
  const networks = inpainterNetworks(exampleShape);
  const [, height, width] = exampleShape;
  const values = Object.fromEntries(
    Object.entries(variables).map(([name, tensor]) => [name, constant(tensor, name)]),
  );
  const z = input('z', 'float32', ['N', INPAINTING_LATENT_DIM]);
  const x = input('images', 'float32', ['N', ...exampleShape]);
  const mask = input('known', 'float32', ['N', 1, height, width]);
  const outputs = simplify({
    drawn: networks.complete(values, z, x, mask, predictingPass),
    mean: networks.predictMean(values, x, mask, predictingPass),
  });
  await session.compile({
    name: PROGRAM,
    model: encodeModel({ name: 'complete', outputs }).bytes,
    carried: [],
  });
  const pixels = height * width;
  return {
    complete: async (images, known, draw) => {
      const count = images.shape[0] ?? 0;
      const wanted = [count, ...exampleShape];
      if (!sameShape(images.shape, wanted))
        throw new ShapeError(
          `complete: images must be ${formatShape(wanted)}, got ${formatShape(images.shape)}`,
        );
      if (known.length !== pixels && known.length !== count * pixels)
        throw new ShapeError(
          `complete: known must be [${pixels}] or [${count}, ${pixels}], got ${known.length} numbers`,
        );
      const latents = new Float32Array(count * INPAINTING_LATENT_DIM);
      const shape = [count, INPAINTING_LATENT_DIM];
      drawFeed(
        { name: 'completions/latent', dtype: 'float32', shape, recipe: gaussian.recipe },
        seed,
        draw,
        latents,
      );
      const whole = {
        drawn: new Float32Array(images.data.length),
        mean: new Float32Array(images.data.length),
      };
      const size = images.data.length / count;
      for (let first = 0; first < count; first += BLOCK) {
        const rows = Math.min(BLOCK, count - first);
        const part = (data: Float32Array<ArrayBuffer>, width: number) =>
          data.slice(first * width, (first + rows) * width);
        const masks = new Float32Array(rows * pixels);
        for (let row = 0; row < rows; row++) {
          const at = known.length === pixels ? 0 : (first + row) * pixels;
          masks.set(known.subarray(at, at + pixels), row * pixels);
        }
        const results = await session.run(PROGRAM, {
          z: {
            dtype: 'float32',
            shape: [rows, INPAINTING_LATENT_DIM],
            data: part(latents, INPAINTING_LATENT_DIM),
          },
          images: { dtype: 'float32', shape: [rows, ...exampleShape], data: part(images.data, size) },
          known: { dtype: 'float32', shape: [rows, 1, height, width], data: masks },
        });
        for (const name of ['drawn', 'mean'] as const)
          whole[name].set(results[name]!.data as Float32Array, first * size);
      }
      const tensor = (data: Float32Array<ArrayBuffer>): Tensor<'float32'> => ({
        dtype: 'float32',
        shape: wanted,
        data,
      });
      return { drawn: tensor(whole.drawn), mean: tensor(whole.mean) };
    },
  };
}
