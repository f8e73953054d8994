import { ShapeError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { samplesOf } from '../gan/samples.ts';
import { cast, neg, softplus } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { input, type Value, type Values } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import type { Session } from '../runtime/session.ts';
import type { Samples1d } from '../theory/change-of-variables.ts';
import type { VariableTypes } from '../train/programs.ts';

/** Samples, and what D and both losses of the generator say of each. */
export interface JudgedSamples {
  /** [n, d] */
  readonly samples: Float32Array;
  /** D's logits, [n]. */
  readonly logits: Float32Array;
  /** `-dL/dx` under either loss, [n, d]: where each sample is pulled. Absent where not asked for. */
  readonly pull?: { readonly minimax: Float32Array; readonly nonSaturating: Float32Array };
}

/** What is looked at. */
export interface Looked {
  readonly game: Game;
  /** Holds the variables. */
  readonly session: Session;
  readonly variables: VariableTypes;
}

/** Where G and its slope are looked at: a Gaussian z out to where its density is 1e-196, since KL(p_data || p_g) sees that far. */
const curves = { uniform: { reach: Math.sqrt(3), cells: 1024 }, gaussian: { reach: 30, cells: 2048 } };

/**
 * Looks at the two networks as they are now, without changing them: programs over the variables of the game's session, each
 * compiled when it is first asked for.
 */
export class LabLooks {
  readonly #looked: Looked;
  readonly #compiled: Map<string, Promise<unknown>> = new Map();

  constructor(looked: Looked) {
    this.#looked = looked;
  }

  /**
   * @param z - [n, latentDim]
   * @returns G(z), float32 [n, ...example], pixels in [0, 1] or points in the data's units
   */
  async generate(z: Float32Array, averaged: boolean): Promise<Float32Array> {
    const { samples } = await this.#run(
      `generate${averaged ? '/average' : ''}`,
      (variables) => ({ samples: this.#samples(variables, averaged) }),
      { z: this.#latent(z) },
    );
    return (samples as Tensor<'float32'>).data;
  }

  /** As `generate`, for points, with what D says of them and how they are pulled. */
  async judgeSamples(
    z: Float32Array,
    { averaged, pull }: { readonly averaged: boolean; readonly pull: boolean },
  ): Promise<JudgedSamples> {
    const latent = this.#latent(z);
    // Gradients of a sum need to know how long it is.
    const count = latent.shape[0]!;
    const outputs = await this.#run(
      `judgeSamples${averaged ? '/average' : ''}${pull ? `/pull${count}` : ''}`,
      (variables) => {
        const samples = this.#samples(variables, averaged, pull ? count : 'N');
        const logits = this.#logits(variables, samples);
        if (!pull) return { samples, logits };
        // log(1 - D) = -softplus(logit), -log D = softplus(-logit); each logit depends on its own sample alone.
        const [minimax] = grad(sum(softplus(logits)), [samples]);
        const [nonSaturating] = grad(sum(neg(softplus(neg(logits)))), [samples]);
        return { samples, logits, minimax: minimax!, nonSaturating: nonSaturating! };
      },
      { z: latent },
    );
    const data = (name: string): Float32Array => (outputs[name] as Tensor<'float32'>).data;
    return {
      samples: data('samples'),
      logits: data('logits'),
      ...(pull ? { pull: { minimax: data('minimax'), nonSaturating: data('nonSaturating') } } : {}),
    };
  }

  /**
   * @param points - [n, d], in the data's units; copied
   * @returns D's logits, [n]
   */
  async judge(points: Float32Array): Promise<Float32Array> {
    const dimension = this.#looked.game.examples.shape[0]!;
    const { logits } = await this.#run(
      'judge',
      (variables) => ({
        logits: this.#logits(variables, input('x', 'float32', ['N', dimension])),
      }),
      { x: { dtype: 'float32', shape: [points.length / dimension, dimension], data: points.slice() } },
    );
    return (logits as Tensor<'float32'>).data;
  }

  /** G and dG/dz in float64 on evenly spaced z: of a generator of one number from one number. */
  async curve(averaged: boolean): Promise<Samples1d> {
    const { name } = this.#looked.game.latent;
    const latent = name === 'gaussian' ? 'gaussian' : 'uniform';
    const { reach, cells } = curves[latent];
    const points = Float64Array.from({ length: cells + 1 }, (_, i) => reach * ((2 * i) / cells - 1));
    const { values, slopes } = await this.#run(
      `curve${averaged ? '/average' : ''}`,
      (variables) => {
        const z = input('z', 'float64', [cells + 1, 1]);
        const wide = Object.fromEntries(
          Object.entries(variables).map(([name, value]) => [
            name,
            value.dtype === 'float32' ? cast(value, 'float64') : value,
          ]),
        );
        const values = samplesOf(this.#looked.game, wide, z, averaged);
        const [slopes] = grad(sum(values), [z]);
        return { values, slopes: slopes! };
      },
      { z: { dtype: 'float64', shape: [cells + 1, 1], data: points } },
    );
    return {
      interval: [-reach, reach],
      latent,
      values: (values as Tensor<'float64'>).data,
      slopes: (slopes as Tensor<'float64'>).data,
    };
  }

  #latent(z: Float32Array): Tensor<'float32'> {
    const dimension = this.#looked.game.generator.network.inputShape[0]!;
    return { dtype: 'float32', shape: [z.length / dimension, dimension], data: z.slice() };
  }

  #samples(variables: Values, averaged: boolean, count: number | 'N' = 'N'): Value {
    const { game } = this.#looked;
    const z = input('z', 'float32', [count, game.generator.network.inputShape[0]!]);
    return samplesOf(game, variables, z, averaged);
  }

  #logits(variables: Values, x: Value): Value {
    const { network } = this.#looked.game.discriminator;
    const context: LayerContext = {
      mode: 'sample',
      bernoulli: (name) => {
        throw new ShapeError(`lab: D must be a function of x when it judges, got the mask ${name}`);
      },
    };
    return reshape(network.apply({ parameters: variables, state: variables }, x, context).y, [x.shape[0]!]);
  }

  async #run(name: string, outputsOf: (variables: Values) => Values, feeds: Tensors): Promise<Tensors> {
    const { session } = this.#looked;
    const compiled = this.#compiled.get(name) ?? this.#compile(name, outputsOf);
    this.#compiled.set(name, compiled);
    await compiled;
    return session.run(name, feeds);
  }

  async #compile(name: string, outputsOf: (variables: Values) => Values): Promise<void> {
    const { session, variables: types } = this.#looked;
    const variables = Object.fromEntries(
      Object.entries(types).map(([key, { dtype, shape }]) => [key, input(key, dtype, shape)]),
    );
    const { bytes, inputs } = encodeModel({ name, outputs: simplify(outputsOf(variables)) });
    const carried = inputs
      .filter((value) => value.name in types)
      .map((value) => ({ name: value.name, input: value.name }));
    await session.compile({ name, model: bytes, carried });
  }
}
