import {
  adam,
  defineGame,
  dense,
  exportGenerator,
  leakyRelu,
  r1,
  relu,
  ring8,
  type Session,
  train,
} from '../../src/core.ts';

/** What twenty steps on ring8 came to. */
export interface RingTraining {
  readonly device: string;
  /** lossD, lossG, D(x), D(G(z)), the penalty and the gradient's norm at the samples, step by step. */
  readonly metrics: readonly number[];
  readonly samples: readonly number[];
  /** Of the exported generator. */
  readonly bytes: number;
}

/** Trains a small game for twenty steps: as many as small differences between devices need to show, and no more. */
export async function trainRing(session: Session): Promise<RingTraining> {
  const optimiser = adam({ learningRate: 1e-3, beta1: 0.5 });
  const game = defineGame(ring8, {
    latentDim: 4,
    batch: 32,
    penalties: [r1({ gamma: 0.1 })],
    averageDecay: 0.9,
    generator: { layers: [dense({ units: 32 }), relu(), dense({ units: 2 })], optimiser },
    discriminator: { layers: [dense({ units: 32 }), leakyRelu(), dense({ units: 1 })], optimiser },
  });
  const metrics: number[] = [];
  let samples: number[] = [];
  let bytes = 0;
  for await (const event of train({ game, dataset: ring8, session, steps: 20 })) {
    if (event.type === 'metrics') {
      for (const { step: _, ...row } of event.rows) metrics.push(...Object.values(row));
    }
    if (event.type === 'samples') samples = [...event.samples.data];
    if (event.type === 'checkpoint') bytes = exportGenerator(game, event.variables).length;
  }
  const { device } = session;
  await session.release();
  return { device, metrics, samples, bytes };
}
