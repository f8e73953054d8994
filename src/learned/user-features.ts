import type { ExampleSet } from '../data/dataset.ts';
import { sha256 } from '../data/fingerprint.ts';
import { ConfigError, DataError, ExecutionError, ShapeError } from '../errors.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import type { TensorSpec } from '../runtime/executor.ts';
import type { Session } from '../runtime/session.ts';
import { exampleSetOf } from './example-set.ts';
import type { FeatureExtractor } from './feature-extractor.ts';

/** What `userFeatures` needs. */
export interface UserFeaturesOptions {
  /** Content of an ONNX file: one input, one output. */
  readonly model: Uint8Array;
  /** What protocols and errors call it: the file's name. */
  readonly name: string;
  /** Of the images that will come, `[C, H, W]`: the model is tried on one of this shape. */
  readonly exampleShape: readonly number[];
  /** Where it runs; its state is neither read nor changed. */
  readonly session: Session;
}

/** Images of one run, where the model takes any number of them. */
const BLOCK_IMAGES = 100;

/** How a model takes images. */
interface Intake {
  readonly input: string;
  readonly dtype: 'float32' | 'uint8';
  /** Shape of one example as the model takes it. */
  readonly shape: readonly number[];
  /** Images in one run: what the model fixes, else up to 100. */
  readonly block: number;
  readonly isFixed: boolean;
}

/**
 * Any network as a feature extractor: an ONNX file with one input, images [N, C, H, W] or rows [N, C H W], float32 in
 * [0, 1] or uint8 0 to 255, and one float32 output, features [N, d]. An output of higher rank, [N, C', H', W'], is
 * flattened: a network that wants its positions averaged does so itself. A batch size that the file fixes is kept to; the
 * last run is then filled up with its last image.
 *
 * What the network expects beyond [0, 1] (mean and deviation of ImageNet, 3 channels, 299 x 299 pixels) belongs into the
 * file: nothing is resized or normalised here, so that what was measured is what the file says.
 *
 * @throws ConfigError where the model has more than one input or output, or of other types; ShapeError where it does not
 *   take images of this shape; ExecutionError where the file is no ONNX model or fails on the first image
 */
export async function userFeatures({
  model,
  name,
  exampleShape,
  session,
}: UserFeaturesOptions): Promise<FeatureExtractor> {
  const digest = await sha256(model);
  const program = `features/${name}/${digest}`;
  const { inputs, outputs } = await session.compile({ name: program, model, carried: [] });
  const intake = intakeOf(name, exampleShape, inputs);
  const output = outputOf(name, outputs);
  const run = async (images: Uint8Array | Float32Array): Promise<Tensor<'float32'>> => {
    const data = images as Tensor['data'];
    const count = images.length / elementCount(exampleShape);
    const x: Tensor = { dtype: intake.dtype, shape: [count, ...intake.shape], data };
    const result = (await session.run(program, { [intake.input]: x }))[output] as Tensor<'float32'>;
    if (result.shape[0] !== count || result.data.length < count)
      throw new ConfigError(
        `userFeatures: output ${output} of ${name} must be one row for each image, [${count}, d], got [${result.shape.join(', ')}]`,
      );
    return result;
  };
  const blank = new (intake.dtype === 'uint8' ? Uint8Array : Float32Array)(
    (intake.isFixed ? intake.block : 1) * elementCount(exampleShape),
  );
  const tried = await run(blank).catch((error: unknown) => {
    if (!(error instanceof ExecutionError)) throw error;
    throw new ShapeError(
      `userFeatures: ${name} must take images [N, ${exampleShape.join(', ')}], got an error on the first: ${error.message}. Export it for images of this shape`,
      { cause: error },
    );
  });
  const dimension = tried.data.length / tried.shape[0]!;
  return {
    name,
    dimension,
    protocol: { features: name, dimension, sha256: digest },
    extract: async (images) => {
      const set = exampleSetOf('userFeatures', images, {
        kind: 'images',
        name: 'images',
        exampleShape,
        because: `as ${name} takes them`,
      });
      const features = new Float32Array(set.count * dimension);
      for (let first = 0; first < set.count; first += intake.block) {
        const rows = Math.min(intake.block, set.count - first);
        const block = blockOf(set, first, rows, intake);
        const fed = intake.isFixed ? intake.block : rows;
        const { data } = await run(block);
        if (data.length !== fed * dimension)
          throw new ConfigError(
            `userFeatures: output ${output} of ${name} must be ${dimension} numbers for every image, got ${data.length / fed}`,
          );
        features.set(data.subarray(0, rows * dimension), first * dimension);
      }
      requireFinite(name, features, dimension);
      return { features: { dtype: 'float32', shape: [set.count, dimension], data: features } };
    },
  };
}

const shown = ({ name, dtype, shape }: TensorSpec): string => `${name} ${dtype} ${sizes(shape)}`;

/** Sizes that a file leaves open without a name come as ''. */
const sizes = (shape: TensorSpec['shape']): string =>
  `[${shape.map((size) => (size === '' ? '?' : size)).join(', ')}]`;

/** @throws ConfigError, ShapeError where the model's input cannot be fed with these images */
function intakeOf(name: string, exampleShape: readonly number[], inputs: readonly TensorSpec[]): Intake {
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw new ConfigError(
      `userFeatures: ${name} must have one input, the images, got ${inputs.length === 0 ? 'none' : inputs.map(shown).join(' and ')}`,
    );
  const { dtype, shape } = input;
  if (dtype !== 'float32' && dtype !== 'uint8')
    throw new ConfigError(
      `userFeatures: input ${input.name} of ${name} must be float32 in [0, 1] or uint8 0 to 255, got ${dtype}. Put a Cast in front of the model`,
    );
  const [batch, ...own] = shape;
  // A file may leave its shape open altogether, which ONNX Runtime tells as no axes.
  const taken = shape.length === 0 ? exampleShape : own;
  const flat = [elementCount(exampleShape)];
  const fitting = [exampleShape, flat].find(
    (candidate) =>
      candidate.length === taken.length &&
      candidate.every((size, axis) => typeof taken[axis] === 'string' || taken[axis] === size),
  );
  if (!fitting)
    throw new ShapeError(
      `userFeatures: input ${input.name} of ${name} takes ${sizes(shape)}, but the images are [N, ${exampleShape.join(', ')}]. Export the model for [N, ${exampleShape.join(', ')}], with the resizing or the channels that it needs inside`,
    );
  const isFixed = typeof batch === 'number' && batch > 0;
  return { input: input.name, dtype, shape: fitting, block: isFixed ? batch : BLOCK_IMAGES, isFixed };
}

/** @throws ConfigError unless there is one float32 output */
function outputOf(name: string, outputs: readonly TensorSpec[]): string {
  const [output] = outputs;
  if (!output || outputs.length > 1)
    throw new ConfigError(
      `userFeatures: ${name} must have one output, the features, got ${outputs.map(shown).join(' and ')}. Export the model with the features alone`,
    );
  if (output.dtype !== 'float32')
    throw new ConfigError(
      `userFeatures: output ${output.name} of ${name} must be float32 [N, d], got ${shown(output)}`,
    );
  return output.name;
}

/** Some images as the model takes them; where it fixes how many, the last one fills up. */
function blockOf(
  { count, examples }: ExampleSet,
  first: number,
  rows: number,
  { dtype, block, isFixed }: Intake,
): Uint8Array | Float32Array {
  const size = examples.length / count;
  const fed = isFixed ? block : rows;
  const out = dtype === 'uint8' ? new Uint8Array(fed * size) : new Float32Array(fed * size);
  const isByte = examples instanceof Uint8Array;
  const pixels = examples.subarray(first * size, (first + rows) * size);
  for (const [i, value] of pixels.entries())
    out[i] = dtype === 'uint8' ? (isByte ? value : Math.round(value * 255)) : isByte ? value / 255 : value;
  for (let row = rows; row < fed; row++) out.copyWithin(row * size, (rows - 1) * size, rows * size);
  return out;
}

function requireFinite(name: string, features: Float32Array, dimension: number): void {
  const at = features.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new DataError(
    `userFeatures: features of ${name} must be finite, got ${features[at]} for image ${Math.floor(at / dimension)}, feature ${at % dimension}`,
  );
}
