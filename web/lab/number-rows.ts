import type { LabNumbers } from '../../src/lab/lab-protocol.ts';

/** A number of the panel: what it is called, how it is written, and what it means. */
export interface NumberRow {
  readonly name: keyof LabNumbers;
  /** As formulas are written; `<sub>` is left out. */
  readonly label: string;
  readonly testId: string;
  readonly digits: number;
  /** One or two sentences for who hovers or focuses it. */
  readonly meaning: string;
  /** A level that its curve has a line at. */
  readonly level?: { readonly value: number; readonly name: string };
  /** The ends of its axis where they are known. */
  readonly range?: readonly [number, number];
}

/** Numbers that answer one question together. */
export interface NumberGroup {
  readonly title: string;
  readonly rows: readonly NumberRow[];
}

const MINUS_LOG_4 = -Math.log(4);

/** The panel, from top to bottom. */
export const numberGroups: readonly NumberGroup[] = [
  {
    title: 'The value of the game',
    rows: [
      {
        name: 'value',
        label: 'V(D, G)',
        testId: 'value',
        digits: 3,
        meaning:
          'E log D(x) + E log(1 − D(G(z))): what D makes as large as it can and G as small as it can. A D that says ½ everywhere has −log 4 = −1.386.',
        level: { value: MINUS_LOG_4, name: '−log 4' },
      },
      {
        name: 'cOfG',
        label: 'C(G)',
        testId: 'c-of-g',
        digits: 3,
        meaning:
          'The value that the best possible discriminator would reach: V(D*, G) = −log 4 + 2 JSD. V can come up to it, never above, but for errors of measurement. Its floor, the line, is −log 4: only a generator whose samples are distributed as the data gets there.',
        level: { value: MINUS_LOG_4, name: '−log 4' },
        range: [MINUS_LOG_4 - 0.06, 0],
      },
    ],
  },
  {
    title: 'How far samples are from the data',
    rows: [
      {
        name: 'jsd',
        label: 'JSD',
        testId: 'jsd',
        digits: 3,
        meaning:
          'Jensen-Shannon divergence of data and samples, in nats: 0 if they are distributed alike, log 2 = 0.693 if they have nothing in common.',
        range: [0, Math.LN2],
      },
      {
        name: 'klDataModel',
        label: 'KL(data ‖ model)',
        testId: 'kl-data-model',
        digits: 2,
        meaning:
          'Kullback-Leibler divergence from the data: large where there are data that the generator hardly ever makes. It punishes missing a mode.',
      },
      {
        name: 'klModelData',
        label: 'KL(model ‖ data)',
        testId: 'kl-model-data',
        digits: 2,
        meaning:
          'Kullback-Leibler divergence from the model: large where the generator makes what the data never are. It punishes bad samples, and forgives a missing mode.',
      },
      {
        name: 'modes',
        label: 'Modes covered',
        testId: 'modes',
        digits: 0,
        meaning:
          'A mode is covered if at least a fifth of the samples that it should get lie within 3 standard deviations of it.',
      },
      {
        name: 'highQuality',
        label: 'Samples at a mode',
        testId: 'high-quality',
        digits: 2,
        meaning:
          'Share of the samples within 3 standard deviations of a mode. Real data in the plane have 0.989, 1 − exp(−4.5).',
        range: [0, 1],
      },
    ],
  },
  {
    title: 'What the discriminator says',
    rows: [
      {
        name: 'dReal',
        label: 'D(x)',
        testId: 'd-real',
        digits: 3,
        meaning:
          'The probability of being real that D gives to real data, on average over a minibatch. ½ where D cannot tell.',
        level: { value: 0.5, name: '½' },
        range: [0, 1],
      },
      {
        name: 'dFake',
        label: 'D(G(z))',
        testId: 'd-fake',
        digits: 3,
        meaning:
          'The probability of being real that D gives to samples, on average. Near 0 the minimax loss has hardly any gradient left.',
        level: { value: 0.5, name: '½' },
        range: [0, 1],
      },
      {
        name: 'distanceToOptimal',
        label: 'Mean |D − D*|',
        testId: 'distance-to-optimal',
        digits: 3,
        meaning:
          'How far D is from D* = p_data / (p_data + p_g), the best discriminator there is, over real points and samples.',
        range: [0, 0.5],
      },
    ],
  },
  {
    title: 'How hard both are pushed',
    rows: [
      {
        name: 'gradNormD',
        label: '‖∇D‖',
        testId: 'grad-norm-d',
        digits: 3,
        meaning: "Norm of the gradient of the discriminator's loss by all of its weights.",
      },
      {
        name: 'gradNormG',
        label: '‖∇G‖',
        testId: 'grad-norm-g',
        digits: 3,
        meaning: "Norm of the gradient of the generator's loss by all of its weights.",
      },
    ],
  },
];
