import type { Evaluation } from './evaluation.ts';

/** One measured number as people read it. */
export interface MeasureRow {
  readonly title: string;
  /** The value with its error. */
  readonly value: string;
  /** What the number is to be compared with: held-out real data, the ideal, the paper's baselines. */
  readonly beside: string;
  /** How it was measured. */
  readonly protocol: string;
}

const fixed = (value: number, digits: number): string => value.toFixed(digits);
const heldOut = (value: number | undefined, digits: number): string =>
  value === undefined ? '' : `held-out real ${fixed(value, digits)}`;

/** The measures of an evaluation as rows of a table, in the order in which they are told. */
export function measureRows(evaluation: Evaluation): readonly MeasureRow[] {
  return [
    ...twoSampleRows(evaluation),
    ...featureRows(evaluation),
    ...classRows(evaluation),
    ...neighbourRows(evaluation),
    ...parzenRows(evaluation),
    ...pointRows(evaluation),
    ...tableRows(evaluation),
  ];
}

function twoSampleRows({ twoSample }: Evaluation): MeasureRow[] {
  if (!twoSample) return [];
  const { accuracy, standardError, jsd, jsdStandardError, protocol } = twoSample;
  const real = twoSample.realData;
  return [
    {
      title: 'two-sample test, accuracy',
      value: `${fixed(accuracy, 3)} +- ${fixed(standardError, 3)}`,
      beside: real ? `training images ${fixed(real.accuracy, 3)}, guessing 0.5` : 'guessing 0.5',
      protocol: protocolText(protocol),
    },
    {
      title: 'two-sample test, JSD estimate',
      value: `${fixed(jsd, 3)} +- ${fixed(jsdStandardError, 3)} nats`,
      beside: `${real ? `training images ${fixed(real.jsd, 3)}, ` : ''}apart log 2 = ${fixed(Math.LN2, 3)}`,
      protocol: 'log 2 - held-out mean cross-entropy of the same discriminator',
    },
  ];
}

function featureRows({ frechet, kernel, precision, recall, density, coverage }: Evaluation): MeasureRow[] {
  const rows: MeasureRow[] = [];
  if (frechet)
    rows.push({
      title: 'Fréchet distance',
      value: `${fixed(frechet.value, 3)}${frechet.standardError === undefined ? '' : ` +- ${fixed(frechet.standardError, 3)}`}`,
      beside: heldOut(frechet.heldOut, 3),
      protocol: `${frechet.real} real, ${frechet.fake} fake; with half of each ${fixed(frechet.valueAtHalf, 3)}, so about ${fixed(frechet.extrapolated, 3)} without the bias of counts; ${frechet.features}`,
    });
  if (kernel)
    rows.push({
      title: 'kernel distance',
      value: `${kernel.value.toExponential(2)} +- ${kernel.standardError.toExponential(1)}`,
      beside: kernel.heldOut === undefined ? '' : `held-out real ${kernel.heldOut.toExponential(2)}`,
      protocol: protocolText(kernel.protocol),
    });
  for (const [title, share] of Object.entries({ precision, recall, density, coverage }))
    if (share)
      rows.push({
        title,
        value: fixed(share.value, 3),
        beside: heldOut(share.heldOut, 3),
        protocol: protocolText(share.protocol),
      });
  return rows;
}

/** So many classes are named that a generator draws worst. */
const WEAKEST = 3;

function classRows({ modes, classAccuracy, inceptionScore }: Evaluation): MeasureRow[] {
  const rows: MeasureRow[] = [];
  if (modes)
    rows.push({
      title: 'classes present',
      value: `${modes.present} of ${modes.present + modes.missing.length}`,
      beside: `missing: ${modes.missing.length === 0 ? 'none' : modes.missing.join(', ')}`,
      protocol: `${protocolText(modes.protocol)}; samples by class ${modes.histogram.join(' ')}`,
    });
  if (classAccuracy) {
    const { value, standardError, testImages, byClass, protocol } = classAccuracy;
    const weakest = [...byClass].sort((a, b) => a.value - b.value).slice(0, WEAKEST);
    rows.push({
      title: 'class accuracy',
      value: `${fixed(value, 3)} +- ${fixed(standardError, 3)}`,
      beside: `classifier on test images ${fixed(testImages, 3)}, guessing ${fixed(1 / protocol.classes, 3)}`,
      protocol: `${protocolText(protocol)}; weakest ${weakest.map((of) => `${of.name} ${fixed(of.value, 3)}`).join(', ')}`,
    });
  }
  if (inceptionScore)
    rows.push({
      title: 'Inception-style score',
      value: `${fixed(inceptionScore.value, 2)} +- ${fixed(inceptionScore.standardError, 2)}`,
      beside: heldOut(inceptionScore.heldOut, 2),
      protocol: protocolText(inceptionScore.protocol),
    });
  return rows;
}

function neighbourRows({ neighbours }: Evaluation): MeasureRow[] {
  if (!neighbours) return [];
  const { nearDuplicates, heldOutNearDuplicates, medianDistanceRatio, medianDistances, protocol } =
    neighbours;
  return [
    {
      title: 'near duplicates of training images',
      value: `${nearDuplicates} of ${protocol.samples}`,
      beside: `held-out real ${heldOutNearDuplicates} of ${protocol.heldOut}`,
      protocol: `${protocol.nearDuplicate}; ${protocol.training} training images`,
    },
    {
      title: 'distance to the nearest training image',
      value: `${fixed(medianDistanceRatio, 3)} x that of held-out images`,
      beside: '1; copies 0',
      protocol: `medians ${fixed(medianDistances.samples, 3)} and ${fixed(medianDistances.heldOut, 3)}; ${protocol.distance}`,
    },
  ];
}

function parzenRows({ parzen }: Evaluation): MeasureRow[] {
  if (!parzen) return [];
  const { logLikelihood, standardError, sigma, sigmaAtGridEdge, fine, baselines, protocol } = parzen;
  const { trainingData, kMeans, gaussian } = baselines;
  const edge = sigmaAtGridEdge
    ? ' WARNING: at the edge of its grid, where a better one may lie outside.'
    : '';
  return [
    {
      title: 'Parzen log-likelihood',
      value: `${fixed(logLikelihood, 1)} +- ${fixed(standardError, 1)} nats`,
      beside: `training images ${fixed(trainingData, 1)}, k-means centroids ${fixed(kMeans, 1)}, one Gaussian ${fixed(gaussian, 1)}`,
      protocol: `${protocol.samples} samples, sigma ${fixed(sigma, 3)} of ${protocol.sigmas.length} by ${protocol.validation} validation images, ${protocol.test} test images.${edge} Centroids score above real images: more is smoother, not better`,
    },
    {
      title: 'Parzen, sigma refined',
      value: `${fixed(fine.logLikelihood, 1)} +- ${fixed(fine.standardError, 1)} nats`,
      beside: `sigma ${fixed(fine.sigma, 3)}`,
      protocol: 'golden section between the neighbours of the chosen sigma, on the same validation images',
    },
  ];
}

function pointRows({ jsd, kl, modesCovered, highQualityFraction, discriminator }: Evaluation): MeasureRow[] {
  const rows: MeasureRow[] = [];
  if (jsd)
    rows.push({
      title: 'JSD to the exact density',
      value: `${fixed(jsd.value, 4)} +- ${fixed(jsd.standardError, 4)} nats`,
      beside: `as many real draws ${fixed(jsd.realData, 4)}`,
      protocol: protocolText(jsd.protocol),
    });
  if (kl)
    for (const [title, way] of [
      ['KL(data || model)', 'dataToModel'],
      ['KL(model || data)', 'modelToData'],
    ] as const)
      rows.push({
        title,
        value: `${fixed(kl[way], 4)} +- ${fixed(kl.standardErrors[way], 4)} nats`,
        beside: `as many real draws ${fixed(kl.realData[way], 4)}`,
        protocol: protocolText(kl.protocol),
      });
  if (modesCovered)
    rows.push({
      title: 'modes covered',
      value: `${modesCovered.value} of ${modesCovered.total}`,
      beside: '',
      protocol: protocolText(modesCovered.protocol),
    });
  if (highQualityFraction)
    rows.push({
      title: 'high-quality fraction',
      value: fixed(highQualityFraction.value, 3),
      beside: heldOut(highQualityFraction.heldOut, 3),
      protocol: protocolText(highQualityFraction.protocol),
    });
  if (discriminator)
    rows.push({
      title: 'mean |D - D*|',
      value: fixed(discriminator.value, 3),
      beside: `D = 1/2 everywhere ${fixed(discriminator.constant, 3)}; D of real ${fixed(discriminator.means.real, 3)}, of samples ${fixed(discriminator.means.fake, 3)}`,
      protocol: protocolText(discriminator.protocol),
    });
  return rows;
}

/** Pairs of columns that a text names: those that differ most. */
const WORST_PAIRS = 3;

function tableRows({ columns, associations }: Evaluation): MeasureRow[] {
  const rows: MeasureRow[] = [];
  if (columns) {
    rows.push({
      title: 'columns, mean distance',
      value: fixed(columns.value, 3),
      beside: `training rows ${fixed(columns.heldOut ?? 0, 3)}`,
      protocol: protocolText(columns.protocol),
    });
    for (const it of columns.columns)
      rows.push({
        title: `  ${it.column}`,
        value: fixed(it.distance, 3),
        beside:
          it.kind === 'numeric'
            ? `Kolmogorov-Smirnov; Wasserstein ${fixed(it.wasserstein, 3)} deviations`
            : 'total variation',
        protocol: '',
      });
  }
  if (associations) {
    const worst = associations.pairs
      .slice(0, WORST_PAIRS)
      .map(
        (pair) => `${pair.columns.join(' and ')} ${fixed(pair.fake, 2)} instead of ${fixed(pair.real, 2)}`,
      );
    rows.push({
      title: 'pairs of columns, mean difference',
      value: fixed(associations.value, 3),
      beside: `training rows ${fixed(associations.heldOut ?? 0, 3)}`,
      protocol: `${protocolText(associations.protocol)}; most different: ${worst.join(', ')}`,
    });
  }
  return rows;
}

/** A protocol as a reader takes it in: its entries one after another. */
function protocolText(protocol: object): string {
  return Object.entries(protocol)
    .map(([key, value]) => `${spaced(key)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}

const spaced = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
