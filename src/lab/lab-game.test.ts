import { afterAll, describe, expect, it } from 'vitest';
import { ring8 } from '../data/toy.ts';
import type { Tensors } from '../graph/tensor.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { buildGame } from '../train/build-game.ts';
import type { Metrics } from '../train/chunk.ts';
import { datasetFacts } from '../train/dataset-facts.ts';
import { NonFiniteError } from '../train/non-finite.ts';
import { resolveConfig } from '../train/resolve-config.ts';
import { train } from '../train/trainer.ts';
import { labConfig } from './lab-config.ts';
import { labDistribution } from './lab-data.ts';
import { LabGame } from './lab-game.ts';
import { defaultLabState, type LabDataKind, type LabState } from './lab-state.ts';

const opened: Session[] = [];
async function open(device: 'cpu' | 'wasm'): Promise<Session> {
  const session = new LocalSession(await openNodeExecutor({ device, threads: 1 }));
  opened.push(session);
  return session;
}
afterAll(() => Promise.all(opened.map((session) => session.release())));

function play(state: LabState, before?: LabGame): Promise<LabGame> {
  return LabGame.open({
    state,
    dataset: labDistribution(state.data)!,
    openSession: () => open('wasm'),
    ...(before ? { before } : {}),
  });
}

const small = { depth: 1, width: 8 } as const;
const ring = defaultLabState('ring8');
const smallRing: LabState = {
  ...ring,
  generator: { ...ring.generator, ...small },
  discriminator: { ...ring.discriminator, ...small },
  batch: 16,
};

const bits = (tensors: Tensors, of: string): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(of))
      .map(([name, { data }]) => [name, [...data].map(Number)]),
  );

describe('labConfig', () => {
  it.each<[LabDataKind, string]>([
    ['ring8', 'ring8'],
    ['grid25', 'grid25'],
    ['swissroll', 'swissroll'],
    ['digits', 'digits'],
  ])('is for %s what zerosum train %s takes', (kind, data) => {
    expect(labConfig(defaultLabState(kind))).toEqual(resolveConfig({ flags: { data } }));
  });

  it('puts every penalty where configs have it', () => {
    const weights = { r1: 1, r2: 2, gradientPenalty: 3, dragan: 4, instanceNoise: 0.5, weightClip: 0.25 };
    const penalties = Object.entries(weights).map(([name, weight]) => ({ name, weight }) as never);
    const config = labConfig({
      ...smallRing,
      order: 'simultaneous',
      penalties: [...penalties, { name: 'consensus', weight: 0.1 }, { name: 'spectralNorm', weight: 1 }],
    });
    expect(config.penalties).toEqual([
      { r1: { gamma: 1 } },
      { r2: { gamma: 2 } },
      { gradientPenalty: { weight: 3, target: 1 } },
      { dragan: { weight: 4, spread: 0.5 } },
    ]);
    expect(config.instanceNoise).toBe(0.5);
    expect(config.discriminator.weightClip).toBe(0.25);
    expect(config.loss.consensus).toBe(0.1);
    expect(config.discriminator.layers).toEqual([
      { spectralNorm: { dense: 8 } },
      { leakyRelu: 0.2 },
      { spectralNorm: { dense: 1 } },
    ]);
  });
});

describe('LabGame', () => {
  it('gives on WebAssembly the curve of zerosum train: to 1e-4 over 50 steps, to 1e-2 at 200', async () => {
    const config = resolveConfig({ flags: { data: 'ring8' } });
    const trained: Metrics[] = [];
    const training = train({
      game: buildGame(config, datasetFacts(ring8)),
      dataset: ring8,
      seed: config.seed,
      session: await open('cpu'),
      steps: 200,
    });
    for await (const event of training) if (event.type === 'metrics') trained.push(...event.rows);
    const lab = await play(ring);
    const played = await lab.run(200);
    expect(played.map(({ step }) => step)).toEqual(trained.map(({ step }) => step));
    const difference = (name: string, at: number): number =>
      Math.abs(played[at]![name]! - trained[at]![name]!);
    for (const name of ['lossD', 'lossG']) {
      for (let at = 0; at < 50; at++) expect(difference(name, at)).toBeLessThan(1e-4);
      expect(difference(name, 199)).toBeLessThan(1e-2);
      // The curve moves: numbers that stood still would agree as well.
      expect(Math.abs(played[199]![name]! - played[0]![name]!)).toBeGreaterThan(0.02);
    }
  });

  it.each<[string, Partial<LabState>]>([
    ['alternating', {}],
    ['with three updates of D', { k: 3 }],
    ['simultaneous', { order: 'simultaneous' }],
    [
      'with noise and spectral norm',
      {
        penalties: [
          { name: 'instanceNoise', weight: 0.1 },
          { name: 'spectralNorm', weight: 1 },
        ],
      },
    ],
  ])('phase D and phase G make the step, to the bit: %s', async (_, changed) => {
    const state = { ...smallRing, ...changed };
    const whole = await play(state);
    const rows = await whole.run(3);
    const halves = await play(state);
    const phases: Metrics[] = [];
    for (let step = 0; step < 3; step++) {
      expect(halves.phase).toBe('discriminator');
      const before = await halves.session.readState();
      const first = await halves.runPhase();
      expect(halves.phase).toBe('generator');
      expect(halves.step).toBe(step);
      const between = await halves.session.readState();
      expect(bits(between, 'generator/')).toEqual(bits(before, 'generator/'));
      expect(bits(between, 'discriminator/')).not.toEqual(bits(before, 'discriminator/'));
      phases.push(await halves.runPhase());
      const after = await halves.session.readState();
      expect(bits(after, 'discriminator/')).toEqual(bits(between, 'discriminator/'));
      expect(bits(after, 'generator/')).not.toEqual(bits(between, 'generator/'));
      expect(first['lossD']).toBe(phases[step]!['lossD']);
    }
    expect(await halves.session.readState()).toEqual(await whole.session.readState());
    expect(phases.map(({ lossG }) => lossG)).toEqual(rows.map(({ lossG }) => lossG));
  });

  it('does not depend on how it is played', async () => {
    const whole = await play(smallRing);
    const rows = await whole.run(9);
    const parts = await play(smallRing);
    const pieces = [...(await parts.run(2)), await parts.runMeasured()];
    await parts.runPhase();
    pieces.push(...(await parts.run(4)), await parts.runMeasured(), ...(await parts.run(1)));
    expect(pieces.map(({ step }) => step)).toEqual(rows.map(({ step }) => step));
    expect(pieces.map(({ lossD }) => lossD)).toEqual(rows.map(({ lossD }) => lossD));
    expect(await parts.session.readState()).toEqual(await whole.session.readState());
    expect(pieces[2]!['gradientNorm/generator']).toBeGreaterThan(0);
  });

  it('takes over what was compiled where seed and data alone are others', async () => {
    const first = await play(smallRing);
    await first.run(2);
    const again = await play({ ...smallRing, seed: 5 }, first);
    expect(again.session).toBe(first.session);
    const [row] = await again.run(1);
    const [fresh] = await (await play({ ...smallRing, seed: 5 })).run(1);
    expect(row).toEqual(fresh);
    expect((await play({ ...smallRing, batch: 8 }, again)).session).not.toBe(again.session);
  });

  it('says which quantity is not finite, at which step and what to do, as training does', async () => {
    const state: LabState = {
      ...smallRing,
      loss: 'wasserstein',
      penalties: [],
      discriminator: { ...smallRing.discriminator, optimiser: 'sgd', learningRate: 10 },
      generator: { ...smallRing.generator, optimiser: 'sgd', learningRate: 10 },
      decaySteps: 0,
    };
    const lab = await play(state);
    const failure = await lab.run(400).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(NonFiniteError);
    expect(String(failure)).toMatch(
      /every quantity must stay finite, got .* at step \d+\. Lower the learning rates/,
    );
    const game = buildGame(labConfig(state), datasetFacts(ring8));
    const training = async (): Promise<void> => {
      for await (const _ of train({ game, dataset: ring8, session: await open('wasm'), steps: 400 }));
    };
    await expect(training()).rejects.toThrow((failure as Error).message);
  });
});
