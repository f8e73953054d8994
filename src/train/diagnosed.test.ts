import { afterEach, describe, expect, it } from 'vitest';
import { releasedTraining, ringTraining, type SmallTraining } from '../../test/small-training.ts';
import { ExecutionError } from '../errors.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import type { Condition } from './alarms.ts';
import { diagnosed } from './diagnosed.ts';
import type { DiagnosisEvent } from './diagnosis.ts';
import { type TrainSettings, train } from './trainer.ts';

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.release()));
});

/** Trains until a condition begins, or to the end: what was found. A failure is passed on. */
async function findings(
  training: SmallTraining,
  { until, ...settings }: Partial<TrainSettings> & { readonly until?: Condition },
): Promise<DiagnosisEvent[]> {
  const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
  sessions.push(session);
  const options = { ...training, session, steps: 3000, sampleEvery: 250, ...settings };
  const found: DiagnosisEvent[] = [];
  for await (const event of diagnosed(train(options), options)) {
    if (event.type !== 'diagnosis') continue;
    found.push(event);
    if (event.condition === until) break;
  }
  return found;
}

const adam = (learningRate: number, beta1 = 0): string =>
  JSON.stringify({ name: 'adam', learningRate, beta1, beta2: 0.99, epsilon: 1e-8 });

const optimisers = (generator: string, discriminator = generator): string[] => [
  `generator.optimiser=${generator}`,
  `discriminator.optimiser=${discriminator}`,
];

/** Ring8 without what keeps a GAN stable (R1, an average, no momentum), in two layers of 32. */
const plainGan = (generatorRate: number, discriminatorRate: number): SmallTraining =>
  ringTraining(
    'generator.layers=[{"dense":32},"relu",{"dense":32},"relu",{"dense":"data"}]',
    'discriminator.layers=[{"dense":32},{"leakyRelu":0.2},{"dense":32},{"leakyRelu":0.2},{"dense":1}]',
    'batch=32',
    'penalties=[]',
    'ema.decay=0.5',
    ...optimisers(adam(generatorRate, 0.9), adam(discriminatorRate, 0.9)),
  );

/** Sixty images that a discriminator without dropout can tell from anything, with the loss that then saturates. */
const outclassed = (loss: string): Promise<SmallTraining> =>
  releasedTraining(
    `loss.name=${loss}`,
    'updateOrder=alternating',
    'discriminator.layers=[{"maxout":{"units":12,"pieces":3}},{"dense":1}]',
    ...optimisers(adam(1e-4), adam(1e-2)),
  );

describe('each alarm rings on a run that is made to fail in its way:', () => {
  it('D wins where it learns a hundred times faster and the loss saturates', async () => {
    const found = await findings(await outclassed('minimax'), {});
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ condition: 'discriminatorWins', state: 'begins' });
    expect(found[0]!.figures['D(G(z))']).toBeLessThan(0.01);
    expect(found[0]!.advice).toMatch(/^try loss\.name=nonSaturating/);
  });

  it('G collapses at rates that kill its units', async () => {
    const found = await findings(plainGan(0.05, 0.05), { until: 'collapse' });
    expect(found.at(-1)).toMatchObject({ condition: 'collapse', state: 'begins' });
    expect(found.at(-1)!.figures['diversity']).toBeLessThan(0.1);
  });

  it('the networks oscillate with momentum and without a penalty', async () => {
    const found = await findings(plainGan(0.005, 0.001), { until: 'oscillation', steps: 1500 });
    expect(found.at(-1)).toMatchObject({ condition: 'oscillation', state: 'begins' });
    expect(found.at(-1)!.figures['swings']).toBeGreaterThanOrEqual(6);
  });

  it('a plateau at rates that move nothing', async () => {
    const found = await findings(ringTraining(...optimisers(adam(1e-9))), {});
    expect(found.map(({ step, condition, state }) => [step, condition, state])).toEqual([
      [2000, 'plateau', 'begins'],
    ]);
  });

  it('what is not finite, before it throws', async () => {
    const exploding = ringTraining(...optimisers('{"name":"sgd","learningRate":1e6}'));
    const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
    sessions.push(session);
    const options = { ...exploding, session, steps: 100 };
    const found: DiagnosisEvent[] = [];
    const told = (async () => {
      for await (const event of diagnosed(train(options), options))
        if (event.type === 'diagnosis') found.push(event);
    })();
    const error = await told.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(ExecutionError);
    expect(found).toHaveLength(1);
    const [{ condition, step, sentence, advice }] = found as [DiagnosisEvent];
    expect(condition).toBe('nonFinite');
    expect(error!.message).toContain(`at step ${step}. `);
    expect(sentence).toMatch(/^\S+ has become (NaN|-?Infinity): an update was too large/);
    expect(advice).toMatch(/^lower the learning rates or the weight of r1/);
  });
});

describe('no alarm', () => {
  it('where G learns from a D that it never deceives: the non-saturating loss goes on', async () => {
    const found = await findings(await outclassed('nonSaturating'), { steps: 3000 });
    // Until the samples begin to move it is right to warn.
    expect(found.map(({ condition, state }) => `${condition} ${state}`)).toEqual([
      'discriminatorWins begins',
      'discriminatorWins ends',
    ]);
    expect(found.at(-1)!.figures['D(G(z))']).toBeLessThan(0.01);
    expect(found.at(-1)!.sentence).toMatch(/^the samples come closer to the data all the same/);
  });

  it('in narrow networks that learn ring8 with the settings of its preset', async () => {
    expect(await findings(ringTraining(), { steps: 2500 })).toEqual([]);
  });
});
