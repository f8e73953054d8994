import type { Evaluation } from './evaluation.ts';

/** How one question was answered: well, in part, badly. */
export type Grade = 'good' | 'partly' | 'bad';

/** One of the questions that a user has, answered in plain language. */
export interface Answer {
  readonly question: string;
  readonly grade: Grade;
  /** Sentences with the numbers that they rest on. */
  readonly text: string;
}

const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

/**
 * The thresholds behind the grades, as shares of what held-out real images get by the same protocol. Chosen here, by looking
 * at sheets of samples beside their values: above the first, samples look like data at a glance; below the second, most do not.
 */
const SHARES = { good: 0.85, partly: 0.5 } as const;

function gradeOf(share: number): Grade {
  if (share >= SHARES.good) return 'good';
  return share >= SHARES.partly ? 'partly' : 'bad';
}

const worst = (...grades: Grade[]): Grade =>
  grades.includes('bad') ? 'bad' : grades.includes('partly') ? 'partly' : 'good';

/**
 * What the measures say of a generator, in the order in which a user asks: do its samples look like the data, which parts of
 * the data does it miss, did it copy. Only what was measured is answered.
 */
export function verdict(evaluation: Evaluation): readonly Answer[] {
  const answers = [
    quality(evaluation),
    obedience(evaluation),
    variety(evaluation),
    copying(evaluation),
    density(evaluation),
    tableAnswer(evaluation),
  ];
  return answers.filter((answer) => answer !== undefined);
}

/** A fresh discriminator that extracts more than this share of log 2 sees a difference that people may overlook. */
const SEEN_SHARE = 0.25;
/** Density so far above that of held-out images means that samples crowd in the middle of the data: blur does that. */
const CROWDED = 1.25;

function quality({ precision, density, twoSample, highQualityFraction }: Evaluation): Answer | undefined {
  const question = 'Do samples look like the data?';
  const sentences: string[] = [];
  const grades: Grade[] = [];
  if (precision) {
    const { value, heldOut = 1 } = precision;
    grades.push(gradeOf(value / heldOut));
    sentences.push(
      `${percent(value)} of the samples lie where real images lie; of held-out real images, ${percent(heldOut)} do.`,
    );
  }
  if (density?.heldOut !== undefined && density.value > CROWDED * density.heldOut) {
    grades.push('partly');
    sentences.push(
      `They crowd where the data is densest (density ${density.value.toFixed(2)} against ${density.heldOut.toFixed(2)}): smoother or plainer than real images.`,
    );
  }
  if (highQualityFraction) {
    const { value, heldOut = 1 } = highQualityFraction;
    grades.push(gradeOf(value / heldOut));
    sentences.push(
      `${percent(value, 1)} of the samples lie within 3 standard deviations of a mode; of real data, ${percent(heldOut, 1)} do.`,
    );
  }
  if (twoSample) {
    const { accuracy, standardError, jsd } = twoSample;
    const seen = jsd > SEEN_SHARE * Math.LN2;
    const real = twoSample.realData?.accuracy ?? 0.5;
    const guessing = accuracy - real <= 3 * standardError;
    const beside =
      real === 0.5 ? 'where 50 % is guessing' : `where real training images get ${percent(real, 1)}`;
    grades.push(seen ? 'partly' : 'good');
    sentences.push(
      guessing
        ? `A fresh discriminator cannot tell samples from real data (${percent(accuracy, 1)} right, ${beside}): D = 1/2, the paper's own criterion.`
        : `A fresh discriminator is right about ${percent(accuracy, 1)} of new examples, ${beside}: ${seen ? 'the samples have a mark that gives them away, even where people see none' : 'the difference that is left is small'}.`,
    );
  }
  return grades.length === 0 ? undefined : { question, grade: worst(...grades), text: sentences.join(' ') };
}

function obedience({ classAccuracy }: Evaluation): Answer | undefined {
  if (!classAccuracy) return undefined;
  const { value, standardError, testImages, byClass, protocol } = classAccuracy;
  const guessing = 1 / protocol.classes;
  const missed = byClass.filter((of) => of.value < SHARES.partly).map(({ name }) => name);
  const chance = value - guessing <= 3 * standardError ? ' That is guessing: the class changes nothing.' : '';
  const weak =
    chance === '' && missed.length > 0 ? ` Mostly not what was asked for: ${missed.join(', ')}.` : '';
  return {
    question: 'Are samples of the class that is asked for?',
    grade: worst(gradeOf(value / testImages), missed.length > 0 ? 'partly' : 'good'),
    text: `A classifier names ${percent(value, 1)} of the samples as asked; of test images it names ${percent(testImages, 1)} right.${chance}${weak}`,
  };
}

function variety({ modes, recall, coverage, modesCovered }: Evaluation): Answer | undefined {
  const question = 'Which parts of the data are missing?';
  const sentences: string[] = [];
  const grades: Grade[] = [];
  if (modes) {
    const { missing, present, totalVariation } = modes;
    const total = present + missing.length;
    grades.push(
      missing.length === 0
        ? totalVariation > 0.25
          ? 'partly'
          : 'good'
        : missing.length > total / 2
          ? 'bad'
          : 'partly',
    );
    sentences.push(
      missing.length === 0
        ? `No class is missing; ${percent(totalVariation)} of the samples would have to change class to match the data's histogram.`
        : `${missing.length} of ${total} classes are missing (${missing.join(', ')}: under a tenth of their share in the data).`,
    );
  }
  if (modesCovered) {
    const { value, total } = modesCovered;
    grades.push(gradeOf(value === total ? 1 : (value / total) * SHARES.good));
    sentences.push(`${value} of ${total} modes are covered.`);
  }
  const spread = recall ?? coverage;
  if (spread) {
    const { value, heldOut = 1 } = spread;
    grades.push(gradeOf(value / heldOut));
    sentences.push(
      recall
        ? `${percent(value)} of the real images lie within reach of the samples; held-out real images reach ${percent(heldOut)}.`
        : `${percent(value)} of the real images have a sample near them; of held-out real images, ${percent(heldOut)} do.`,
    );
  }
  return grades.length === 0 ? undefined : { question, grade: worst(...grades), text: sentences.join(' ') };
}

/** A ratio below this is nearer to the training images than chance and smoothness explain. */
const NEAR_RATIO = 0.5;

function copying({ neighbours }: Evaluation): Answer | undefined {
  if (!neighbours) return undefined;
  const { nearDuplicates, heldOutNearDuplicates, medianDistanceRatio, protocol } = neighbours;
  const share = nearDuplicates / protocol.samples;
  const byChance = heldOutNearDuplicates / protocol.heldOut;
  const excess = share - byChance;
  const grade: Grade =
    excess > 0.1 || medianDistanceRatio < NEAR_RATIO ? 'bad' : excess > 0.01 ? 'partly' : 'good';
  const found = `${nearDuplicates} of ${protocol.samples} samples pass for copies of a training image (of held-out real images, ${heldOutNearDuplicates} of ${protocol.heldOut})`;
  const distance = `samples lie ${medianDistanceRatio.toFixed(2)} times as far from their nearest training image as held-out images do`;
  const reading =
    grade === 'good'
      ? 'nothing speaks for copying'
      : medianDistanceRatio < NEAR_RATIO
        ? 'they are suspiciously near: look at the neighbours below'
        : 'some are: look at the neighbours below';
  return { question: 'Did it copy?', grade, text: `${found}; ${distance}: ${reading}.` };
}

function density({ jsd, kl }: Evaluation): Answer | undefined {
  if (!jsd) return undefined;
  const { value, realData } = jsd;
  const both = kl
    ? ` KL(data || model) = ${kl.dataToModel.toFixed(3)}, which punishes missed data; KL(model || data) = ${kl.modelToData.toFixed(3)}, which punishes invented data.`
    : '';
  const share = (value - realData) / Math.LN2;
  return {
    question: 'How far is the density from the data?',
    grade: share < 0.05 ? 'good' : share < 0.3 ? 'partly' : 'bad',
    text: `JSD = ${value.toFixed(4)} of at most log 2 = ${Math.LN2.toFixed(4)} nats; as many real draws score ${realData.toFixed(4)}.${both}`,
  };
}

/**
 * How much farther than training rows the columns of samples may be from test rows, as a share of the rows (Kolmogorov-Smirnov,
 * total variation), or their associations as a difference of correlations. Chosen here: a twentieth is hardly seen in a plot of
 * a column, a sixth at once.
 */
const TABLE_EXCESS = { good: 0.05, partly: 0.15 } as const;

/** A measure of tables: its value beside what training rows get. */
interface TableMeasure {
  readonly value: number;
  readonly heldOut?: number;
}

function tableGrade({ value, heldOut = 0 }: TableMeasure): Grade {
  const excess = value - heldOut;
  if (excess <= TABLE_EXCESS.good) return 'good';
  return excess <= TABLE_EXCESS.partly ? 'partly' : 'bad';
}

function tableAnswer({ columns, associations }: Evaluation): Answer | undefined {
  const sentences: string[] = [];
  const grades: Grade[] = [];
  const beside = ({ heldOut = 0 }: TableMeasure) => `of training rows, ${heldOut.toFixed(3)}`;
  if (columns) {
    grades.push(tableGrade(columns));
    const farthest = columns.columns.reduce((a, b) => (b.distance > a.distance ? b : a));
    sentences.push(
      `Column by column, samples are ${columns.value.toFixed(3)} from the data on average (0 the same, 1 apart; ${beside(columns)}), farthest in ${farthest.column} (${farthest.distance.toFixed(3)}).`,
    );
  }
  if (associations) {
    grades.push(tableGrade(associations));
    const [pair] = associations.pairs;
    sentences.push(
      `Correlations of pairs differ by ${associations.value.toFixed(3)} on average (${beside(associations)}), most between ${pair!.columns.join(' and ')} (${pair!.fake.toFixed(2)} instead of ${pair!.real.toFixed(2)}).`,
    );
  }
  if (grades.length === 0) return undefined;
  const question = 'Do columns and pairs of columns match?';
  return { question, grade: worst(...grades), text: sentences.join(' ') };
}
