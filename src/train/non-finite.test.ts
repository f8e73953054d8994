import { afterEach, describe, expect, it } from 'vitest';
import { releasedTraining, ringTraining, type SmallTraining, tell } from '../../test/small-training.ts';
import { float32 } from '../../test/tensors.ts';
import { ExecutionError } from '../errors.ts';
import { type Game, initialVariables } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { UpdateTime } from '../optim/optimiser.ts';
import { sgd } from '../optim/sgd.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { nonFiniteError } from './non-finite.ts';
import type { TrainEvent, TrainSettings } from './trainer.ts';

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.release()));
});

/** Trains until it fails: the message, and what was told before. */
async function fail(
  training: SmallTraining,
  settings: Partial<TrainSettings> = {},
): Promise<{ message: string; events: TrainEvent[] }> {
  const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
  sessions.push(session);
  const events: TrainEvent[] = [];
  const told = tell({ ...training, session, steps: 20, ...settings }, (event) => events.push(event));
  const error = await told.then(
    () => new Error('it did not fail'),
    (reason) => reason as Error,
  );
  expect(error).toBeInstanceOf(ExecutionError);
  return { message: error.message, events };
}

const lastCheckpoint = (events: readonly TrainEvent[]) =>
  events.findLast((event) => event.type === 'checkpoint');

/** The game with a rate for one player that explodes at an update and is small before. */
function explodingAt(game: Game, player: 'generator' | 'discriminator', update: number, rate: number): Game {
  const learningRate = (time: UpdateTime): number => (time.update < update ? 0.01 : rate);
  return { ...game, [player]: { ...game[player], optimiser: sgd({ learningRate }) } };
}

describe('a run that explodes', () => {
  // 1e30 times a gradient is a finite weight; D of it is not, and that G's loss of the same step is the first to see.
  const ring = ringTraining();
  const training = { ...ring, game: explodingAt(ring.game, 'discriminator', 6, 1e38) };

  it('names the first bad quantity and its step, the same however its steps were grouped', async () => {
    const cadences = [
      {},
      { checkpointEvery: 1 },
      { gradientNormsEvery: 1 },
      { checkpointEvery: 5, sampleEvery: 2 },
    ];
    const failures = await Promise.all(cadences.map((cadence) => fail(training, cadence)));
    for (const { message } of failures) {
      expect(message).toMatch(
        /^train: every quantity must stay finite, got (NaN|-?Infinity) for lossG at step 7\. /,
      );
      expect(message).toBe(failures[0]!.message);
    }
  });

  it('keeps the checkpoints before, and tells nothing that is not finite', async () => {
    const { events } = await fail(training, { checkpointEvery: 3 });
    const checkpoint = lastCheckpoint(events);
    expect(checkpoint?.step).toBe(6);
    for (const { data } of Object.values(checkpoint!.variables))
      expect((data as Float32Array).every(Number.isFinite)).toBe(true);
    const rows = events.flatMap((event) => (event.type === 'metrics' ? event.rows : []));
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(rows.every((row) => Object.values(row).every(Number.isFinite))).toBe(true);
  });

  it('suggests what to change', async () => {
    const { message } = await fail(training);
    const plain = 'Lower the learning rates';
    const rest = '(for example to a third), or keep weights bounded with maxNorm';
    // ring8 has a penalty, whose weight may be at fault as well.
    expect(message.endsWith(`${plain} or the weight of r1 ${rest}`)).toBe(true);
    const released = await releasedTraining(
      'generator.optimiser={"name":"sgd","learningRate":1e30}',
      'discriminator.optimiser={"name":"sgd","learningRate":1e30}',
    );
    expect((await fail(released)).message.endsWith(`${plain} ${rest}`)).toBe(true);
  });
});

describe('a variable that is bad before any loss is', () => {
  const ring = ringTraining();
  // G moves last in a step, so that its own last update shows in no metric of that step.
  const training = { ...ring, game: explodingAt(ring.game, 'generator', 5, Number.POSITIVE_INFINITY) };
  const bad = /got (NaN|-?Infinity) for generator\/dense1\/weight\[\d+\] at step 6\. Lower/;

  it('is named by its replay, though the run noticed a step later', async () => {
    expect((await fail(training)).message).toMatch(bad);
  });

  it('never becomes a checkpoint, not even in the very last step', async () => {
    for (const settings of [{ steps: 6 }, { checkpointEvery: 6 }]) {
      const { message, events } = await fail(training, settings);
      expect(message).toMatch(bad);
      expect(lastCheckpoint(events)).toBeUndefined();
    }
    const { events } = await fail(training, { steps: 6, checkpointEvery: 5 });
    expect(lastCheckpoint(events)?.step).toBe(5);
  });
});

it('a penalty that overflows while every other metric is finite is named', async () => {
  const { game, dataset } = ringTraining('penalties=[{"r1":{"gamma":1e38}}]');
  const variables = Object.fromEntries(
    Object.entries(initialVariables(game, 1)).map(([name, tensor]) => {
      const data = (tensor.data as Float32Array).map((value) =>
        name.startsWith('discriminator/dense') ? 3 * value : value,
      );
      return [name, { ...tensor, data }];
    }),
  ) as Tensors;
  const { message } = await fail({ game, dataset }, { resume: { step: 0, variables } });
  expect(message).toMatch(
    /^train: every quantity must stay finite, got Infinity for penalty\/r1 at step 1\. /,
  );
});

describe('nonFiniteError', () => {
  const { game } = ringTraining();
  const variables = { w: float32([2], [1, 2]), b: float32([1], [3]) };
  const messageOf = (metrics: Record<string, number>, tensors: Tensors = variables): string | undefined =>
    nonFiniteError(4, { step: 4, ...metrics }, tensors, game)?.message;

  it('is none where everything is finite, however large', () => {
    expect(messageOf({ lossD: 3e38, lossG: -1e-45 })).toBeUndefined();
  });

  it('names metrics before variables, in their order', () => {
    const bad = { ...variables, b: float32([1], [Number.NaN]) };
    expect(messageOf({ lossD: 1, lossG: Number.NEGATIVE_INFINITY, 'D(x)': Number.NaN }, bad)).toContain(
      'got -Infinity for lossG at step 4',
    );
    expect(messageOf({ lossD: 1 }, bad)).toContain('got NaN for b[0] at step 4');
    expect(messageOf({}, { w: float32([3], [0, 1, Number.POSITIVE_INFINITY]) })).toContain(
      'got Infinity for w[2]',
    );
  });

  it('leaves integers alone, which are always finite', () => {
    expect(messageOf({}, { n: { dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) } })).toBeUndefined();
  });
});
