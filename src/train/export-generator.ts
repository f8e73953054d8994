import { ConfigError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Latent } from '../gan/latent.ts';
import { samplesOf } from '../gan/samples.ts';
import { add, cast, div, max, mul, sqrt, square } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { expand } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { formatShape } from '../graph/shapes.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensors } from '../graph/tensor.ts';
import { constant, input, label, type Value } from '../graph/value.ts';

/**
 * What an exported generator takes and gives.
 *
 * - `float`: z float32 [N, latentDim] from the game's own latent distribution -> float32 [N, C, H, W], pixels in [0, 1],
 *   or [N, d], points in the data's units.
 * - `uint8`: what torch-fidelity reads. z float32 [N, latentDim] from N(0, I) or U(0, 1), mapped to the game's own
 *   distribution inside the graph -> uint8 [N, 3, H, W], grey repeated in all three channels.
 */
export type ExportFormat = 'float' | 'uint8';

/** How a generator is exported. */
export interface ExportOptions {
  /** Default `float`. */
  readonly format?: ExportFormat;
  /** Take the moving average of the weights. Default: where the game keeps one, since that is what samples are drawn from. */
  readonly averaged?: boolean;
  /** More key-value pairs for the file: seed, step, hash of the config. Those that `exportGenerator` writes itself win. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A distribution that torch-fidelity draws z from, by its name there, and the game's own z as a function of it. */
interface StandardLatent {
  readonly name: 'normal' | 'uniform_0_1';
  readonly description: string;
  toLatent(z: Value): Value;
}

/**
 * A trained generator as an ONNX file that needs nothing else: input `z`, in games with labels also `labels` int64 [N], the
 * class of each sample; output `samples`, weights as initialisers under their names, symbolic batch. Equal weights and
 * metadata give equal bytes.
 *
 * Its metadata says how to draw z (`latent`, `latentDescription`, `latentDim`), what comes out (`output`, `exampleShape`,
 * for `uint8` also `rounding`, for tables `table`, the columns as JSON) and which weights it holds (`weights`: `average` or `last`), and how many classes there are (`classes`).
 *
 * @param variables - of the game, as a checkpoint holds them; only the generator's are looked at
 * @throws ConfigError where `format` is uint8 and the examples are no images of 1 or 3 channels, or an average is asked
 *   for that the game does not keep; ShapeError where a weight is missing or has another shape
 */
export function exportGenerator(
  game: Game,
  variables: Tensors,
  { format = 'float', averaged = game.averageDecay !== undefined, metadata = {} }: ExportOptions = {},
): Uint8Array {
  if (averaged && game.averageDecay === undefined)
    throw new ConfigError('export: the averaged weights must be there, got a game without averageDecay');
  const weights = Object.fromEntries(
    Object.entries(variables).map(([name, tensor]) => [
      name,
      constant(tensor, name.replace(/^average\//, '')),
    ]),
  );
  const [latentDim] = game.generator.network.inputShape;
  const z = input('z', 'float32', ['N', latentDim!]);
  const classes = game.labels && input('labels', 'int64', ['N']);
  const form = format === 'float' ? floatForm : uint8Form;
  const { latent, samples, output } = form(game, z, (x) => samplesOf(game, weights, x, averaged, classes));
  const { bytes } = encodeModel({
    name: 'generator',
    inputs: classes ? [z, classes] : [z],
    outputs: simplify({ samples }),
    metadata: {
      ...metadata,
      latent: latent.name,
      latentDescription: latent.description,
      latentDim: String(latentDim),
      exampleShape: formatShape(game.examples.shape),
      ...(game.labels ? { classes: String(game.labels.classes) } : {}),
      ...output,
      weights: averaged ? 'average' : 'last',
    },
  });
  return bytes;
}

/** A model's result, what z it expects, and what is to be said of its output. */
interface ExportedForm {
  readonly samples: Value;
  readonly latent: { readonly name: string; readonly description: string };
  readonly output: Readonly<Record<string, string>>;
}

function floatForm({ latent, examples }: Game, z: Value, generate: (z: Value) => Value): ExportedForm {
  const { table } = examples;
  const points = table
    ? 'standardised numbers and probabilities of categories'
    : "points in the data's units";
  const unit = examples.range === 'data' ? points : 'pixels in [0, 1]';
  return {
    samples: generate(z),
    latent,
    output: {
      output: `float32 ${formatShape(['N', ...examples.shape])}, ${unit}`,
      ...(table ? { table: JSON.stringify(table) } : {}),
    },
  };
}

function uint8Form({ latent, examples }: Game, z: Value, generate: (z: Value) => Value): ExportedForm {
  const [channels, height, width] = examples.shape;
  if (examples.shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new ConfigError(
      `export: format uint8 must be used with images of 1 or 3 channels [C, H, W], got examples ${formatShape(examples.shape)}. Use format float`,
    );
  }
  const standard = standardLatent(latent);
  const mapped = standard.toLatent(z);
  label('latent', [mapped], [z]);
  // Add and truncate: half up, as rounding by hand does. ONNX's own Round takes halves to even.
  const bytes = cast(add(mul(generate(mapped), 255), 0.5), 'uint8');
  const samples = expand(bytes, ['N', 3, height!, width!]);
  label('pixels', [samples], [mapped]);
  const repeated = channels === 1 ? ', grey in all three channels' : '';
  return {
    samples,
    latent: standard,
    output: {
      output: `uint8 ${formatShape(samples.shape)}, pixels 0 to 255${repeated}`,
      rounding: 'floor(255 x + 0.5) of the pixel x in [0, 1]',
    },
  };
}

/**
 * What torch-fidelity can draw for a latent distribution. Its third choice, `unit`, normalises U(0, 1), which reaches
 * only one orthant of the sphere: a point of the whole sphere is a normalised normal vector.
 */
function standardLatent({ name, recipe }: Latent): StandardLatent {
  const normal = { name: 'normal', description: 'each coordinate independent and standard normal' } as const;
  switch (recipe.kind) {
    case 'normal':
      return { ...normal, toLatent: (z) => mul(z, recipe.standardDeviation) };
    case 'spherical':
      // The bound keeps z = 0, which is never drawn but often tried, from becoming NaN.
      return {
        ...normal,
        toLatent: (z) => div(z, max(sqrt(sum(square(z), { axes: [1], keepDims: true })), 1e-12)),
      };
    case 'uniform':
      return {
        name: 'uniform_0_1',
        description: 'each coordinate independent and uniform on (0, 1)',
        toLatent: (z) => add(mul(z, recipe.high - recipe.low), recipe.low),
      };
    default:
      throw new ConfigError(
        `export: format uint8 must have a latent distribution made from normal or uniform numbers, got ${name} (${recipe.kind})`,
      );
  }
}
