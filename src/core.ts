/**
 * What `zerosum` (Node) and `zerosum/web` (browsers) have in common: everything but files, the command line and the
 * workers that execute.
 */

// The engine: graph.input, graph.matmul, graph.grad, graph.encodeModel, ...

export * as graph from './graph/graph.ts';
export type { Model, ModelDescription } from './graph/onnx/encode.ts';
export type { Dim, Shape } from './graph/shapes.ts';
export type { DType, Tensor, Tensors } from './graph/tensor.ts';
export type { Operand, Value, Values } from './graph/value.ts';

// Layers, and networks of them.

export { leakyRelu, relu, sigmoid, tanh } from './nn/activations.ts';
export { type BatchNormOptions, batchNorm } from './nn/batch-norm.ts';
export { type ConditionalBatchNormOptions, conditionalBatchNorm } from './nn/conditional-batch-norm.ts';
export { type ConvOptions, type ConvTransposeOptions, conv, convTranspose } from './nn/conv.ts';
export { type ConvMaxoutOptions, convMaxout } from './nn/conv-maxout.ts';
export { logSoftmax, softmaxCrossEntropy } from './nn/cross-entropy.ts';
export { type DenseOptions, dense } from './nn/dense.ts';
export { type DropoutOptions, dropout } from './nn/dropout.ts';
export { equalised } from './nn/equalised.ts';
export { type GumbelSoftmaxOptions, gumbelSoftmax } from './nn/gumbel-softmax.ts';
export * as initialisers from './nn/initialisers.ts';
export { auxiliaryClassifier, type ProjectionOptions, projection } from './nn/label-heads.ts';
export { type ClassOptions, type ConcatLabelsOptions, concatLabels } from './nn/labels.ts';
export { type Layer, type LayerContext, pureLayer } from './nn/layer.ts';
export { type MaxoutOptions, maxout } from './nn/maxout.ts';
export { minibatchDeviation } from './nn/minibatch-deviation.ts';
export { type MixtureOptions, mixture } from './nn/mixture.ts';
export {
  type GroupNormOptions,
  groupNorm,
  instanceNorm,
  layerNorm,
  type NormOptions,
  pixelNorm,
} from './nn/normalisation.ts';
export { averagePool, globalPool, maxPool } from './nn/pooling.ts';
export { crop, flatten, reshape } from './nn/reshaping.ts';
export { type BottleneckOptions, bottleneck, type ResidualOptions, residual } from './nn/residual.ts';
export { type Interpolation, upsample } from './nn/resizing.ts';
export { type Network, sequential } from './nn/sequential.ts';
export { spectralNorm } from './nn/spectral-norm.ts';
export { parameterCount, summary } from './nn/summary.ts';

// Optimisers, what changes their settings over time, what bounds the weights.

export { type AdamOptions, adam } from './optim/adam.ts';
export { type HalfLifeOptions, halfLifeDecay } from './optim/ema.ts';
export { type Constraint, maxNorm } from './optim/max-norm.ts';
export type { Clock, Optimiser, Schedule, UpdateTime } from './optim/optimiser.ts';
export { type RmspropOptions, rmsprop } from './optim/rmsprop.ts';
export * as schedules from './optim/schedules.ts';
export { type SgdOptions, sgd } from './optim/sgd.ts';
export { weightClip } from './optim/weight-clip.ts';

// The game: players, distributions of z, losses.

export type { AdaptiveK } from './gan/adaptive-k.ts';
export { type AdaOptions, type AdaTransform, ada } from './gan/augment/ada.ts';
export { adjustProbability, type ProbabilityRule } from './gan/augment/adaptive-probability.ts';
export type { Adaptation, Augmentation, AugmentContext, AugmentRandom } from './gan/augment/augmentation.ts';
export {
  type DiffAugmentOptions,
  type DiffAugmentPolicy,
  diffAugment,
} from './gan/augment/diff-augment.ts';
export {
  asSamples,
  type ContrastRange,
  type ExampleFormat,
  type PixelRange,
  type StandardRange,
} from './gan/example-format.ts';
export type { Game, Player } from './gan/game.ts';
export { gaussian, type Latent, spherical, uniform } from './gan/latent.ts';
export { blendedLoss, type LazyLossOptions, lazyLoss } from './gan/lazy-loss.ts';
export {
  type DiscriminatorLossOptions,
  discriminatorLoss,
  type GeneratorLossOptions,
  generatorLoss,
  type Loss,
} from './gan/loss.ts';
export { binaryCrossEntropy, minimax, nonSaturating } from './gan/losses/cross-entropy.ts';
export { hinge } from './gan/losses/hinge.ts';
export { leastSquares } from './gan/losses/least-squares.ts';
export { relativistic } from './gan/losses/relativistic.ts';
export { wasserstein } from './gan/losses/wasserstein.ts';
export { consistency, consistencyUnder } from './gan/penalties/consistency.ts';
export { dragan } from './gan/penalties/dragan.ts';
export { drift } from './gan/penalties/drift.ts';
export { gradientPenalty, zeroCentredGradientPenalty } from './gan/penalties/gradient-penalty.ts';
export { r1, r2 } from './gan/penalties/zero-centred.ts';
export type { Penalty, PenaltyInputs, PenaltyKind } from './gan/penalty.ts';
export { defineGame, type GameOptions, type PlayerOptions } from './train/define-game.ts';

// Data: the user's own arrays and tables, the embedded digits, known densities.

export { type ArrayDatasetOptions, datasetFromArray, type NumericArray } from './data/array-dataset.ts';
export type {
  Dataset,
  Distribution,
  ExampleSet,
  FiniteDataset,
  Modes,
  StoredExamples,
} from './data/dataset.ts';
export { digits } from './data/digits/digits.ts';
export type { TableReading } from './data/table/infer-columns.ts';
export type {
  CategoricalColumn,
  Column,
  ConstantColumn,
  NumericColumn,
  Table,
} from './data/table/table.ts';
export { datasetFromCsv, type TableDataset, type TableDatasetOptions } from './data/table/table-dataset.ts';
export { decodeRows, encodeRows } from './data/table/table-rows.ts';
export { type Gaussians1dOptions, gaussians1d, grid25, ring8, swissroll } from './data/toy.ts';

// Training, and what is done with a trained generator.

export type { Condition, Figures, SheetRow } from './train/alarms.ts';
export { type ClassSheet, type ClassSheetOptions, classSheet } from './train/class-sheet.ts';
export { diagnosed } from './train/diagnosed.ts';
export {
  type DiagnosedGame,
  Diagnosis,
  type DiagnosisEvent,
  type Finding,
  findingsOf,
} from './train/diagnosis.ts';
export { type DrawOptions, drawnClasses, drawSamples, samplesAt } from './train/draw-samples.ts';
export { type ExportFormat, type ExportOptions, exportGenerator } from './train/export-generator.ts';
export { type LatentPathOptions, latentPaths, latentWalk } from './train/latent-path.ts';
export type { SampleClasses } from './train/sample-classes.ts';
export { inSampleSpace } from './train/sample-space.ts';
export { type Metrics, type TrainEvent, type TrainOptions, train } from './train/trainer.ts';

// Training anything else that is a step: a classifier is one update on a minibatch and its labels.

export { type Minibatches, type MinibatchOptions, minibatches } from './data/minibatches.ts';
export type { Objective, Step, StepOf, Update, UpdateCondition } from './gan/step.ts';
export type { Feeds, Recipe } from './graph/feeds.ts';
export { type StepsProgress, type TrainStepsOptions, trainSteps } from './train/train-steps.ts';

// The settings of the command line: presets, config files, the game that they describe.

export { buildGame } from './train/build-game.ts';
export type { Config } from './train/config.ts';
export { type DatasetFacts, datasetFacts } from './train/dataset-facts.ts';
export type { Preset } from './train/preset.ts';
export { presets } from './train/presets.ts';
export { type ConfigRequest, resolveConfig } from './train/resolve-config.ts';

// Measures.

export {
  type ClassAccuracy,
  type ClassAccuracyOptions,
  classAccuracy,
  type NamedExamples,
} from './eval/class-accuracy.ts';
export { type ClassModes, type ClassModesOptions, classModes, predictedClasses } from './eval/class-modes.ts';
export { type ColumnAssociations, type ColumnPair, columnAssociations } from './eval/column-associations.ts';
export { type ColumnDistance, type ColumnDistances, columnDistances } from './eval/column-distances.ts';
export { type DensityCoverage, densityCoverage } from './eval/density-coverage.ts';
export {
  type NeighbourOptions,
  type Neighbours,
  nearestNeighbours,
  squaredDistances,
} from './eval/distances.ts';
export { type FrechetDistance, type FrechetOptions, frechetDistance } from './eval/frechet.ts';
export { type InceptionOptions, type InceptionScore, inceptionScore } from './eval/inception-score.ts';
export { type KMeans, type KMeansOptions, kMeans } from './eval/k-means.ts';
export { type KernelDistance, kernelDistance } from './eval/kernel-distance.ts';
export {
  type KnownDensityMeasures,
  type KnownDensityOptions,
  knownDensityMeasures,
} from './eval/known-density.ts';
export { type ModeCoverage, modeCoverage } from './eval/modes.ts';
export {
  type NeighbourFigure,
  type NeighbourFigureOptions,
  neighbourFigure,
} from './eval/neighbour-figure.ts';
export { measureNeighbours, type NeighbourInputs, type TrainingNeighbours } from './eval/neighbours.ts';
export {
  type LogLikelihood,
  type ParzenEstimate,
  type ParzenInputs,
  parzenEstimate,
  parzenLogLikelihoods,
  releasedSigmas,
} from './eval/parzen.ts';
export {
  type ParzenBaselineOptions,
  type ParzenBaselines,
  parzenBaselines,
} from './eval/parzen-baselines.ts';
export { type ManifoldOptions, type PrecisionRecall, precisionRecall } from './eval/precision-recall.ts';
export { type RealSpread, realSpread, type SampleSpread, sampleSpread } from './eval/sample-spread.ts';

// What must be trained to be measured: features, a fresh discriminator.

export { type Classifier, type ClassifierOptions, trainClassifier } from './learned/classifier.ts';
export type { FeatureExtractor, Features } from './learned/feature-extractor.ts';
export { learnedFeatures } from './learned/learned-features.ts';
export { type TwoSampleOptions, type TwoSampleTest, twoSampleTest } from './learned/two-sample-test.ts';
export { type UserFeaturesOptions, userFeatures } from './learned/user-features.ts';

// All of them at once, and what they say together.

export { evaluateImages, type ImageEvaluationOptions, imageRows } from './evaluation/evaluate-images.ts';
export { evaluatePoints, type PointEvaluationOptions } from './evaluation/evaluate-points.ts';
export {
  type Evaluation,
  type ImageMeasures,
  imageMeasures,
  type MeasureName,
  type PointMeasures,
  pointMeasures,
} from './evaluation/evaluation.ts';
export { givenSamples } from './evaluation/given-samples.ts';
export { type Answer, type Grade, verdict } from './evaluation/verdict.ts';

// What the paper left as future work: z of an image, completions of any part, classifiers with few labels.

export { type Encoder, type EncoderOptions, trainEncoder } from './inference/encoder.ts';
export { type FixedGenerator, fixedGenerator } from './inference/fixed-generator.ts';
export { type LatentSearchOptions, searchLatent } from './inference/latent-search.ts';
export {
  type Reconstruction,
  type ReconstructionOptions,
  type Route,
  reconstruct,
} from './inference/reconstruction.ts';
export { type Completer, openCompleter } from './inpainting/completions.ts';
export {
  type Inpainting,
  type InpaintingOptions,
  measureInpainting,
  type PartResult,
} from './inpainting/inpainting.ts';
export { type HiddenPart, hiddenParts, knownPixels } from './inpainting/masks.ts';
export { type Inpainter, type InpainterOptions, trainInpainter } from './inpainting/train-inpainter.ts';
export { type DiscriminatorBody, discriminatorBody } from './semi-supervised/discriminator-body.ts';
export {
  type SemiSupervised,
  type SemiSupervisedOptions,
  semiSupervised,
} from './semi-supervised/semi-supervised.ts';
export { semiSupervisedText } from './semi-supervised/semi-supervised-text.ts';

// Pictures, arrays and tables as files.

export { type Csv, decodeCsv, encodeCsv } from './io/csv.ts';
export { encodeGif } from './io/gif.ts';
export { type HistogramOptions, histogram } from './io/histogram.ts';
export type { Image } from './io/image.ts';
export { decodeNpy, encodeNpy } from './io/npy.ts';
export { decodePng, encodePng } from './io/png.ts';
export { decodeSafetensors, encodeSafetensors } from './io/safetensors.ts';
export { type ScatterOptions, scatter } from './io/scatter.ts';
export { type SheetOptions, sheet } from './io/sheet.ts';

// What executes: a session runs any ONNX programs over one state.

export type { TensorSpec } from './runtime/executor.ts';
export type {
  CarriedState,
  Device,
  Program,
  ProgramTypes,
  Session,
  SessionOptions,
} from './runtime/session.ts';

// The four ways in which zerosum refuses.

export { ConfigError, DataError, ExecutionError, ShapeError } from './errors.ts';
