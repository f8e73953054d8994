/** A row of the paper's table 1: mean Parzen log-likelihood of test data in nats, and its standard error. */
export interface PublishedRow {
  readonly model: string;
  /** MNIST; the error over examples. */
  readonly mnist: readonly [value: number, standardError: number];
  /** Toronto Face Database; the error across folds. */
  readonly tfd: readonly [value: number, standardError: number];
}

/** @see Goodfellow et al. 2014, table 1 */
export const table1: readonly PublishedRow[] = [
  { model: 'deep belief network', mnist: [138, 2], tfd: [1909, 66] },
  { model: 'stacked contractive autoencoder', mnist: [121, 1.6], tfd: [2110, 50] },
  { model: 'deep generative stochastic network', mnist: [214, 1.1], tfd: [1890, 29] },
  { model: 'adversarial nets', mnist: [225, 2], tfd: [2057, 26] },
];
