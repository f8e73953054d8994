import { type Dataset, type FiniteDataset, isDistribution } from '../../data/dataset.ts';
import type { Game } from '../../gan/game.ts';
import { elementCount, type Tensor } from '../../graph/tensor.ts';
import { loadClassifier } from '../../learned/disk/load-classifier.ts';
import type { FeatureExtractor } from '../../learned/feature-extractor.ts';
import { learnedFeatures } from '../../learned/learned-features.ts';
import { discriminatorAt } from '../../train/discriminator-values.ts';
import type { EvaluatedGenerator, ProgressEvaluation } from '../../train/disk/progress-evaluation.ts';
import { type DrawOptions, drawnClasses, drawSamples } from '../../train/draw-samples.ts';
import { inSampleSpace } from '../../train/sample-space.ts';
import { chooseMeasures, hasClassesOf, requireMeasureNames } from '../choose-measures.ts';
import { evaluateImages } from '../evaluate-images.ts';
import { evaluatePoints } from '../evaluate-points.ts';
import type { ImageMeasures, PointMeasures } from '../evaluation.ts';
import { headlineValues, isBetter } from '../headline.ts';
import { withHeldOut } from '../held-out.ts';
import { remembered } from './remembered.ts';

/** What is measured while a run trains. */
export interface ProgressEvaluationOptions {
  /** Steps between two measurements. */
  readonly every: number;
  /** Names of measures. */
  readonly measures: readonly string[];
  /** The one of them by which the best checkpoint is kept. Default: none. */
  readonly best?: string | undefined;
  /** Samples of one measurement. Default 10,000, as `evaluate` takes. */
  readonly count?: number | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
}

/**
 * Measures of a generator while it trains, for `runTraining`: the same as `zerosum evaluate` makes of its checkpoints.
 *
 * @throws ConfigError for an unknown measure, or a best that is not among the measures
 */
export function progressEvaluation({
  every,
  measures: names,
  best,
  count = 10_000,
  onNotice,
}: ProgressEvaluationOptions): ProgressEvaluation {
  const asked = requireMeasureNames('--evaluate', names);
  if (best !== undefined) requireMeasureNames('--best', [best], asked);
  let extractor: Promise<FeatureExtractor> | undefined;
  let shown: Promise<FiniteDataset> | undefined;
  return {
    every,
    best,
    isBetter,
    check: (dataset, game) => void chooseMeasures('--evaluate', asked, dataset, meansOf(dataset, game)),
    async measure({ game, variables, dataset, session, seed }: EvaluatedGenerator) {
      const measures = chooseMeasures('--evaluate', asked, dataset, meansOf(dataset, game));
      const classes = game.labels && drawnClasses(game.labels, seed, count);
      const samples = await drawAll({ game, variables, session, seed, count, classes });
      if (isDistribution(dataset) || dataset.kind === 'points') {
        const chosen = measures as ReadonlySet<keyof PointMeasures>;
        const discriminator = (points: Tensor<'float32'>) =>
          discriminatorAt(game, variables, points, session);
        return headlineValues(
          await evaluatePoints(samples, dataset, { session, seed, measures: chosen, discriminator }),
        );
      }
      shown ??= inSampleSpace(withHeldOut(dataset).dataset, game.examples.range);
      const images = await shown;
      const openFeatures = (): Promise<FeatureExtractor> => {
        extractor ??= loadClassifier(images, { session, onNotice }).then((classifier) =>
          learnedFeatures(classifier, { session }),
        );
        return extractor;
      };
      return headlineValues(
        await evaluateImages(samples, images, {
          session,
          seed,
          measures: measures as ReadonlySet<keyof ImageMeasures>,
          asked: classes,
          openFeatures,
          remember: remembered(images),
        }),
      );
    },
  };
}

function meansOf(dataset: Dataset, game: Game) {
  return { discriminator: true, labels: hasClassesOf(game, dataset) };
}

/** Samples of a generator as rows, float32 [count, d]; by its averaged weights where it keeps an average. */
export async function drawAll({
  game,
  variables,
  session,
  seed,
  count,
  averaged = game.averageDecay !== undefined,
  classes,
}: Omit<EvaluatedGenerator, 'dataset'> & Pick<DrawOptions, 'count' | 'averaged' | 'classes'>): Promise<
  Tensor<'float32'>
> {
  const size = elementCount(game.examples.shape);
  const data = new Float32Array(count * size);
  let at = 0;
  for await (const batch of drawSamples(game, variables, { session, count, seed, averaged, classes })) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return { dtype: 'float32', shape: [count, size], data };
}
