import type { ClassAccuracy } from '../eval/class-accuracy.ts';
import type { ClassModes } from '../eval/class-modes.ts';
import type { ColumnAssociations } from '../eval/column-associations.ts';
import type { ColumnDistances } from '../eval/column-distances.ts';
import type { ExpectedShare } from '../eval/density-coverage.ts';
import type { DiscriminatorError } from '../eval/discriminator-error.ts';
import type { FrechetDistance } from '../eval/frechet.ts';
import type { InceptionScore } from '../eval/inception-score.ts';
import type { KernelDistance } from '../eval/kernel-distance.ts';
import type { KnownDensityMeasures } from '../eval/known-density.ts';
import type { TrainingNeighbours } from '../eval/neighbours.ts';
import type { ParzenEstimate } from '../eval/parzen.ts';
import type { ParzenBaselines } from '../eval/parzen-baselines.ts';
import type { ManifoldShare } from '../eval/precision-recall.ts';
import type { TwoSampleTest } from '../learned/two-sample-test.ts';

/** What was evaluated against what. */
export interface EvaluationSubject {
  /** Name of the data set, or the path that it was loaded from. */
  readonly data: string;
  /** How many samples were measured. */
  readonly samples: number;
  /** Where they come from: a run's folder, or a file. */
  readonly source: string;
  /** Of a run: the step of the checkpoint. */
  readonly step?: number;
  /** Of a run: whether the generator's averaged weights drew the samples. */
  readonly weights?: 'average' | 'last';
  /** Of a run: the seed of the latent vectors. */
  readonly seed?: number;
}

/** A measure with what held-out real data gets by the same protocol: nobody can be asked for more. */
export type WithHeldOut<T> = T & {
  readonly heldOut?: number;
};

/** A plain number measured under a protocol. */
export interface MeasuredValue {
  readonly value: number;
  readonly protocol: Readonly<Record<string, unknown>>;
}

/** The measures of images that were asked for, under the names that scripts rely on. */
export interface ImageMeasures {
  readonly parzen?: ParzenEstimate & { readonly baselines: ParzenBaselines };
  readonly neighbours?: TrainingNeighbours;
  readonly frechet?: WithHeldOut<FrechetDistance>;
  readonly kernel?: WithHeldOut<KernelDistance>;
  readonly precision?: WithHeldOut<ManifoldShare>;
  readonly recall?: WithHeldOut<ManifoldShare>;
  readonly density?: WithHeldOut<ExpectedShare>;
  readonly coverage?: WithHeldOut<ExpectedShare>;
  readonly modes?: ClassModes;
  /** Of a run that learned classes: whether samples are of the class that they were asked to be of. */
  readonly classAccuracy?: ClassAccuracy;
  readonly inceptionScore?: WithHeldOut<InceptionScore>;
  readonly twoSample?: TwoSampleTest & {
    /**
     * What as many training images get in the samples' place, drawn at random: more than 1/2 where the test images come from
     * other hands than the training images, and then no generator can be asked for less.
     */
    readonly realData?: Pick<TwoSampleTest, 'accuracy' | 'jsd'>;
  };
}

/** How the rows of a table were compared, column by column. */
interface TableProtocol {
  readonly protocol: {
    readonly samples: number;
    /** Test rows. */
    readonly real: number;
    /** Training rows in the samples' place, for `heldOut`. */
    readonly training: number;
    readonly distance: string;
  };
}

/** The measures of points: against the exact density where it is known, against held-out points otherwise. */
export interface PointMeasures {
  readonly jsd?: KnownDensityMeasures['jsd'];
  readonly kl?: KnownDensityMeasures['kl'];
  readonly modesCovered?: MeasuredValue & { readonly total: number };
  readonly highQualityFraction?: WithHeldOut<MeasuredValue>;
  readonly twoSample?: TwoSampleTest;
  /** Of tables: how far each column is from the test rows, by itself. */
  readonly columns?: WithHeldOut<ColumnDistances> & TableProtocol;
  /** Of tables: how pairs of columns go together. */
  readonly associations?: WithHeldOut<ColumnAssociations & { readonly value: number }> & TableProtocol;
  /** Of a run: its discriminator beside D*. */
  readonly discriminator?: DiscriminatorError;
}

/** Everything that `zerosum evaluate` measured. */
export type Evaluation = {
  readonly subject: EvaluationSubject;
  /** What a reader has to know about the samples as such: all equal, flat shades. */
  readonly notices: readonly string[];
} & ImageMeasures &
  PointMeasures;

/** The measures of images, in the order in which they are told. */
export const imageMeasures: readonly (keyof ImageMeasures)[] = [
  'twoSample',
  'frechet',
  'kernel',
  'precision',
  'recall',
  'density',
  'coverage',
  'modes',
  'classAccuracy',
  'inceptionScore',
  'neighbours',
  'parzen',
];

/** The measures of points. */
export const pointMeasures: readonly (keyof PointMeasures)[] = [
  'jsd',
  'kl',
  'columns',
  'associations',
  'modesCovered',
  'highQualityFraction',
  'twoSample',
  'discriminator',
];

/** The name of any measure: a key of the JSON, and what `--metrics` takes. */
export type MeasureName = keyof ImageMeasures | keyof PointMeasures;
