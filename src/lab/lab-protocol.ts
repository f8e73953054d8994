/**
 * What the lab's page and its worker say to each other. The page never computes the game; the worker never touches the DOM.
 *
 * The page sends `open` and then `frame`; the worker answers every `frame` request with one `LabFrame`, as soon as it has one
 * that is newer than the last. A page that asks again when it has drawn gets no more frames than it can draw.
 */
import type { Interval } from '../theory/quadrature.ts';
import type { LabState } from './lab-state.ts';

/** Whose move it is. Phase D makes all k updates of the discriminator, phase G the generator's; both together are a step. */
export type LabPhase = 'discriminator' | 'generator';

/** Pixels that the visitor brought. */
export interface LabImages {
  /** uint8 [N, C, H, W], N at least a batch. */
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** What of a frame the page shows. What it does not show is not computed. */
export interface LabView {
  /** Samples and real points of a frame, and images of a sheet. Default 256, of images 64. */
  readonly samples?: number;
  /** Cells an axis in which D is computed in the plane; 4 times as many points on the line. 0: not. Default 48. */
  readonly grid?: number;
  /** The pull that each sample feels. Default true. */
  readonly gradients?: boolean;
  /** The map z -> x. Default true. */
  readonly map?: boolean;
  /** Densities, D* and the numbers that are made of them. Default true. */
  readonly densities?: boolean;
  /** Look at the averaged generator, where the game keeps one. Default false: at the one that plays. */
  readonly averaged?: boolean;
}

/** From the page. */
export type LabRequest =
  /** Opens a game in place of the one before, paused, and replays it to `state.step`. Answered by `opened` or `refused`. */
  | { readonly type: 'open'; readonly state: LabState; readonly images?: LabImages; readonly view?: LabView }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  /** Makes so many steps, or what is left of one after its phase D counts as the first. Default 1. */
  | { readonly type: 'step'; readonly count?: number }
  /** Makes the phase that comes next. */
  | { readonly type: 'phase' }
  /**
   * How fast `play` goes: steps a second; absent: as fast as it can. With `byPhase` each half of a step's time shows one
   * phase, for slow motion.
   */
  | { readonly type: 'speed'; readonly stepsPerSecond?: number; readonly byPhase?: boolean }
  | { readonly type: 'view'; readonly view: LabView }
  /** Asks for the next frame. */
  | { readonly type: 'frame' }
  /** Asks for the generator as an ONNX file. Answered by `onnx`. */
  | { readonly type: 'export' }
  /** Ends the game and frees what it holds. */
  | { readonly type: 'close' };

/** From the worker. */
export type LabReply =
  | LabOpened
  | LabOpening
  | LabFrame
  | LabOnnx
  /** A request could not be done: the sentence says why. A refused `open` leaves the game before it as it was. */
  | { readonly type: 'refused'; readonly request: LabRequest['type']; readonly message: string };

/** A game is ready, paused. */
export interface LabOpened {
  readonly type: 'opened';
  /** The state as the link rounds it (`settledLabState`): what the game was really made from. */
  readonly state: LabState;
  /** The training config that it stands for, as JSON: what `zerosum train --config` takes. */
  readonly config: string;
  readonly parameters: { readonly generator: number; readonly discriminator: number };
  /** Where the plane or the line is shown: x, and y in the plane. Absent for images. */
  readonly box?: readonly Interval[];
}

/** How far the opening of a game has come: examples drawn (the embedded digits, the first time), then steps replayed. */
export interface LabOpening {
  readonly type: 'opening';
  readonly what: 'examples' | 'steps';
  readonly done: number;
  readonly of: number;
}

/** The generator as a file. */
export interface LabOnnx {
  readonly type: 'onnx';
  readonly bytes: Uint8Array;
  /** Such as `ring8-seed1-step2000.onnx`. */
  readonly name: string;
}

/** What was logged of steps, column by column: all lists have one length. */
export interface LabHistory {
  /** The first step is 1. */
  readonly steps: Float64Array;
  /**
   * By the names that logs have: `lossD`, `lossG`, `D(x)`, `D(G(z))`, `sampleGradientNorm`, penalties as `penalty/r1`.
   */
  readonly columns: Readonly<Record<string, Float32Array>>;
}

/** One moment of the game. */
export interface LabFrame {
  readonly type: 'frame';
  /** Completed steps. */
  readonly step: number;
  /** What comes next: `generator` only after a phase D. */
  readonly phase: LabPhase;
  readonly playing: boolean;
  /** Over the last second of playing; 0 while paused. Counts what views cost, too. */
  readonly stepsPerSecond: number;
  /** Steps since the frame before: the page keeps them. After `open`, all that were replayed. */
  readonly history: LabHistory;
  /** Where data are points. */
  readonly points?: LabPoints;
  /** Where data are images. */
  readonly sheet?: LabSheet;
  /** What is measured of this game, each at a step that it says. */
  readonly numbers: LabNumbers;
  /** What the user should know of the machine: one thread, no WebGPU. */
  readonly notices: readonly string[];
  /** A game that is no longer finite, or another failure: it has stopped. */
  readonly failure?: LabFailure;
}

/** Why the game stopped. */
export interface LabFailure {
  /** What is wrong, at which step, and what to try. */
  readonly message: string;
  /** The step at which the first quantity was not finite, and which one; absent for other failures. */
  readonly step?: number;
  readonly quantity?: string;
}

/** Images that the generator makes of the same z every time. */
export interface LabSheet {
  /** uint8 [count, C, H, W] */
  readonly samples: Uint8Array;
  /** The first real images, as many, in the same layout. In the first frame only. */
  readonly real?: Uint8Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The line or the plane. Points are row-major [n, d]; a grid in the plane is [row, column], row 0 at the lowest y. */
export interface LabPoints {
  readonly dimension: 1 | 2;
  /** The same as in `opened`. */
  readonly box: readonly Interval[];
  /** The same z in every frame, [n, latentDim]. */
  readonly z: Float32Array;
  /** G(z), [n, d], in the data's units. */
  readonly samples: Float32Array;
  /** D's logits there, [n]; sigmoid of them is D(G(z)). */
  readonly sampleLogits: Float32Array;
  /** Real points, the same in every frame, [n, d]. */
  readonly real: Float32Array;
  /**
   * `-dL/dx` of each sample under either loss of the generator, [n, d]: where the sample is pulled, by the engine's own
   * gradient. Absent where not asked for.
   */
  readonly pull?: { readonly minimax: Float32Array; readonly nonSaturating: Float32Array };
  /** D on a grid over the box. Absent where not asked for. */
  readonly discriminator?: {
    /** At which step; in quick play some steps before the frame's. */
    readonly step: number;
    /** Places an axis: cell centres in the plane, evenly spaced points from edge to edge on the line. */
    readonly size: number;
    readonly logits: Float32Array;
    readonly probabilities: Float32Array;
  };
  /** The map z -> x. Absent where not asked for. */
  readonly map?: LabMap;
  /** Absent where not asked for. */
  readonly densities?: LabDensities;
}

/** Where G takes a lattice of z. */
export interface LabMap {
  /** `[n]` on the line, `[rows, columns]` for a z in the plane; for longer z, `[n]` draws. */
  readonly shape: readonly number[];
  /** [..., latentDim] */
  readonly z: Float32Array;
  /** [..., d] */
  readonly x: Float32Array;
}

/** p_data, p_g and D*, at the step that they were measured at. */
export interface LabDensities {
  readonly step: number;
  /**
   * `exact`: p_g by change of variables (the line, one z). `histogram`: from fresh samples in cells, against the exact
   * probabilities of the same cells.
   */
  readonly method: 'exact' | 'histogram';
  /** Cells an axis; on the line with `exact`, evenly spaced points from edge to edge. */
  readonly size: number;
  /** p_data: densities at points (`exact`), else probabilities of cells divided by their length or area. */
  readonly data: Float64Array;
  /** p_g, in the same way. */
  readonly model: Float64Array;
  /** D* = p_data / (p_data + p_g) of them; NaN where both are 0 and any D is optimal. */
  readonly optimal: Float64Array;
  /** Share of p_data and of p_g outside of the box. */
  readonly outside: { readonly data: number; readonly model: number };
  /** Fresh samples that the histogram is made of; 0 where the density is exact. */
  readonly samples: number;
}

/** A number, NaN where it is not known (yet), and undefined where it has no meaning for this data. */
type Measured = number | undefined;

/** The numbers of the panel. Everything is in nats, but D in [0, 1], norms and counts. */
export interface LabNumbers {
  /** Logged at the last step. */
  readonly lossD: number;
  readonly lossG: number;
  /** Mean of D over real examples and over samples, as the last update of D saw them. */
  readonly dReal: number;
  readonly dFake: number;
  /** Norms of the gradients of all parameters of a player, by its own loss; at `gradientStep`. */
  readonly gradNormD: number;
  readonly gradNormG: number;
  readonly gradientStep: number;
  /** At which step all that follows was measured. */
  readonly step: number;
  /** V(D, G) = E log D(x) + E log(1 - D(G(z))): the value of the game; and its error (one standard error, or quadrature's). */
  readonly value: Measured;
  readonly valueError: Measured;
  /** C(G) = V(D*, G) = -log 4 + 2 JSD. */
  readonly cOfG: Measured;
  /** JSD(p_data, p_g), as the densities below it give it: with their bias. */
  readonly jsd: Measured;
  /** Of the quadrature, on the line with an exact p_g; one standard error of a histogram. */
  readonly jsdError: Measured;
  /** What a histogram of so many samples adds on average, by halving them; 0 where p_g is exact. `jsd - jsdBias` is without it. */
  readonly jsdBias: Measured;
  /** KL(p_data || p_g), Infinity where p_g is 0 on a part of p_data; of a histogram with one sample more, spread as the data. */
  readonly klDataModel: Measured;
  /** KL(p_g || p_data). */
  readonly klModelData: Measured;
  /** Mean |D - D*| over real points and samples, half and half. */
  readonly distanceToOptimal: Measured;
  /** Modes with at least a fifth of their share of samples within 3 deviations, of how many. */
  readonly modes: Measured;
  readonly modesTotal: Measured;
  /** Share of samples within 3 deviations of a mode. */
  readonly highQuality: Measured;
  /** How jsd and the others came about, in a sentence: cells and samples, or change of variables. */
  readonly method: string;
}
