import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  alternatingTraining,
  releasedTraining,
  ringTraining,
  type SmallTraining,
  tell,
  withoutNorms,
} from '../../test/small-training.ts';
import { generateByHand, tinyGame } from '../../test/tiny-games.ts';
import { minibatches } from '../data/minibatches.ts';
import { grid25, ring8 } from '../data/toy.ts';
import { ConfigError } from '../errors.ts';
import { initialVariables } from '../gan/game.ts';
import type { Tensors } from '../graph/tensor.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { type NodeSessionOptions, openNodeExecutor } from '../runtime/node.ts';
import { openSession } from '../runtime/node-session.ts';
import type { ProgramTypes, Session } from '../runtime/session.ts';
import { sheetLatent } from './sheet-latent.ts';
import { type TrainEvent, type TrainSettings, train } from './trainer.ts';

const sessions: Session[] = [];

/** A session of its own, since each training brings its own programs and state; in this thread, which starts at once. */
async function open(options: NodeSessionOptions = { device: 'cpu', threads: 1 }): Promise<Session> {
  return closed(new LocalSession(await openNodeExecutor(options)));
}

/** The session, to be released after the test. */
function closed(session: Session): Session {
  sessions.push(session);
  return session;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(sessions.splice(0).map((session) => session.release()));
});

/** Events with the steps that they cover; metrics that follow each other as one. */
function outline(events: readonly TrainEvent[]): (string | number)[][] {
  const lines: (string | number)[][] = [];
  for (const event of events) {
    if (event.type !== 'metrics') {
      lines.push(
        event.type === 'stopped' ? [event.type, event.step, event.reason] : [event.type, event.step],
      );
      continue;
    }
    const last = event.rows.at(-1)!.step;
    if (lines.at(-1)?.[0] === 'metrics') lines.at(-1)![2] = last;
    else lines.push(['metrics', event.rows[0]!.step, last]);
  }
  return lines;
}

describe('events', () => {
  it('come in the order in which things happen', async () => {
    const told = await tell({
      ...ringTraining(),
      session: await open(),
      steps: 10,
      checkpointEvery: 4,
      sampleEvery: 5,
      gradientNormsEvery: 3,
    });
    expect(outline(told.events)).toEqual([
      ['started', 0],
      ['samples', 0],
      ['metrics', 1, 4],
      ['checkpoint', 4],
      ['metrics', 5, 5],
      ['samples', 5],
      ['metrics', 6, 8],
      ['checkpoint', 8],
      ['metrics', 9, 10],
      ['samples', 10],
      ['checkpoint', 10],
      ['stopped', 10, 'finished'],
    ]);
    expect(told.rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const names = ['step', 'lossD', 'D(x)', 'D(G(z))', 'penalty/r1', 'lossG', 'sampleGradientNorm'];
    for (const row of told.rows) {
      const norms = ['gradientNorm/discriminator', 'gradientNorm/generator'];
      expect(Object.keys(row)).toEqual(row.step % 3 === 0 ? [...names, ...norms] : names);
      expect(Object.values(row).every(Number.isFinite)).toBe(true);
    }
  });

  it('without cadences: a sheet at both ends and a checkpoint at the last', async () => {
    const { events } = await tell({ ...ringTraining(), session: await open(), steps: 3 });
    expect(outline(events)).toEqual([
      ['started', 0],
      ['samples', 0],
      ['metrics', 1, 3],
      ['samples', 3],
      ['checkpoint', 3],
      ['stopped', 3, 'finished'],
    ]);
  });
});

describe('numbers', () => {
  const trainings: [string, () => SmallTraining | Promise<SmallTraining>][] = [
    ['ring8: Adam, R1, an average', ringTraining],
    ['the released recipe: both at once, dropout, scheduled momentum', releasedTraining],
    ['Algorithm 1 with k = 2: folded momentum, a norm constraint, an average', alternatingTraining],
    [
      'relativistic pairs, R1 every 4 steps, R2 every 6, a gradient penalty in each',
      () =>
        ringTraining(
          'loss.name=relativistic',
          'penalties=[{"r1":{"gamma":0.1,"every":4}},{"r2":{"gamma":0.1,"every":6}},{"gradientPenalty":{"weight":0.1}}]',
        ),
    ],
  ];

  describe.each(trainings)('%s', (_, build) => {
    const steps = 15;

    it('do not depend on how iterations are grouped, nor on what is looked at', async () => {
      const training = await build();
      const run = async (cadences: Partial<TrainSettings>) =>
        tell({ ...training, session: await open(), seed: 5, steps, ...cadences });
      const plain = await run({});
      const watched = await run({ checkpointEvery: 1, sampleEvery: 2, gradientNormsEvery: 100 });
      const measured = await run({ checkpointEvery: 7, gradientNormsEvery: 1 });
      expect(watched.rows).toEqual(plain.rows);
      expect(withoutNorms(measured.rows)).toEqual(plain.rows);
      for (const told of [watched, measured]) {
        expect(told.checkpoints.get(steps)).toEqual(plain.checkpoints.get(steps));
        expect(told.sheets.get(steps)).toEqual(plain.sheets.get(steps));
      }
      expect(watched.checkpoints.get(7)).toEqual(measured.checkpoints.get(7));
    });

    it('are those of an uninterrupted run where a checkpoint is resumed', async () => {
      const training = await build();
      const common = { ...training, seed: 5, gradientNormsEvery: 4 };
      const whole = await tell({ ...common, session: await open(), steps, checkpointEvery: 6 });
      const variables = whole.checkpoints.get(6)!;
      const resumed = await tell({ ...common, session: await open(), steps, resume: { step: 6, variables } });
      expect(outline(resumed.events).slice(0, 2)).toEqual([
        ['started', 6],
        ['metrics', 7, steps],
      ]);
      expect(resumed.rows).toEqual(whole.rows.slice(6));
      expect(resumed.checkpoints.get(steps)).toEqual(whole.checkpoints.get(steps));
      expect(resumed.sheets.get(steps)).toEqual(whole.sheets.get(steps));
    });
  });

  it('are the same in a worker, which takes no buffer that is not its own', async () => {
    const training = ringTraining();
    const here = await tell({ ...training, session: await open(), steps: 6, checkpointEvery: 3 });
    const variables = here.checkpoints.get(3)!;
    const before = structuredClone(variables);
    const session = closed(await openSession({ device: 'cpu', threads: 1 }));
    const there = await tell({ ...training, session, steps: 6, resume: { step: 3, variables } });
    expect(there.rows).toEqual(here.rows.slice(3));
    expect(variables).toEqual(before);
  });

  it('depend on the seed', async () => {
    const training = ringTraining();
    const run = async (seed?: number) =>
      tell({ ...training, session: await open(), steps: 3, ...(seed === undefined ? {} : { seed }) });
    const one = await run(1);
    expect((await run()).rows).toEqual(one.rows);
    expect((await run(2)).rows[0]).not.toEqual(one.rows[0]);
  });

  it('are those of WebAssembly to 1e-5, over twenty steps of maxout and dropout', async () => {
    const training = await alternatingTraining();
    const [native, wasm] = [
      await tell({ ...training, session: await open({ device: 'cpu' }), steps: 20 }),
      await tell({ ...training, session: await open({ device: 'wasm' }), steps: 20 }),
    ];
    for (const [i, row] of native.rows.entries())
      expect(Object.values(wasm.rows[i]!), `step ${i + 1}`).toBeAllClose(Object.values(row), { rtol: 1e-5 });
    expect(wasm.rows).not.toEqual([]);
  });

  it('stay finite on both engines where a saturated discriminator leaves denormal gradients', async () => {
    const training = await releasedTraining();
    const variables = Object.fromEntries(
      Object.entries(initialVariables(training.game, 1)).map(([name, tensor]) => {
        if (!name.startsWith('discriminator/') || name.endsWith('/velocity')) return [name, tensor];
        const data = (tensor.data as Float32Array).map((value) => (name.endsWith('bias') ? -95 : value));
        return [name, { ...tensor, data }];
      }),
    ) as Tensors;
    const run = async (device: 'cpu' | 'wasm') =>
      tell({ ...training, session: await open({ device }), steps: 5, resume: { step: 0, variables } });
    const [native, wasm] = [await run('cpu'), await run('wasm')];
    // sigmoid(-95) is 5e-42, which only denormal numbers hold.
    expect(native.rows[0]!['D(x)']).toBeLessThan(1.2e-38);
    for (const [i, row] of native.rows.entries())
      expect(Object.values(wasm.rows[i]!)).toBeAllClose(Object.values(row), { rtol: 1e-5, atol: 1e-30 });
  });
});

describe('a lazy penalty', () => {
  it('is there every n-th step from the first, n times as heavy, and nowhere else', async () => {
    const settings = 'loss.name=hinge';
    const steps = 7;
    const run = async (penalties: string, from?: { step: number; variables: Tensors }, to = steps) =>
      tell({
        ...ringTraining(settings, `penalties=${penalties}`),
        session: await open(),
        steps: to,
        ...(from ? { resume: from } : {}),
      });
    const lazy = await run('[{"r1":{"gamma":0.5,"every":3}}]');
    expect(lazy.rows.map((row) => 'penalty/r1' in row)).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
    // The same by hand: a game with three times the weight for a step, one without for two.
    const heavy = '[{"r1":{"gamma":1.5}}]';
    let at = { step: 0, variables: {} as Tensors };
    for (const [penalties, to] of [
      [heavy, 1],
      ['[]', 3],
      [heavy, 4],
      ['[]', 6],
      [heavy, 7],
    ] as const) {
      const told = await run(penalties, at.step === 0 ? undefined : at, to);
      at = { step: to, variables: told.checkpoints.get(to)! };
    }
    for (const [name, { data }] of Object.entries(lazy.checkpoints.get(steps)!))
      expect(data, name).toBeAllClose(at.variables[name]!.data, { rtol: 1e-5, atol: 1e-7 });
    const [first, fourth] = [lazy.rows[0]!, lazy.rows[3]!];
    expect(first['penalty/r1']! + fourth['penalty/r1']!).toBeGreaterThan(0);
  });

  it('is not computed in the other steps: their program has none of its nodes', async () => {
    const compiled = new Map<string, number>();
    const session = await open();
    const compile = session.compile.bind(session);
    vi.spyOn(session, 'compile').mockImplementation((program) => {
      compiled.set(program.name, program.model.length);
      return compile(program);
    });
    const told = await tell({
      ...ringTraining('penalties=[{"r1":{"gamma":0.5,"every":8}}]'),
      session,
      steps: 9,
    });
    expect([...compiled.keys()].sort()).toEqual(['chunk', 'chunk/lazy', 'sample']);
    expect(compiled.get('chunk/lazy')!).toBeLessThan(0.9 * compiled.get('chunk')!);
    expect(told.rows).toHaveLength(9);
  });
});

describe('abort', () => {
  it('before the start leaves a checkpoint of the start', async () => {
    const { events } = await tell({
      ...ringTraining(),
      session: await open(),
      steps: 10,
      signal: AbortSignal.abort(),
    });
    expect(outline(events)).toEqual([
      ['started', 0],
      ['samples', 0],
      ['checkpoint', 0],
      ['stopped', 0, 'aborted'],
    ]);
  });

  it('finishes the chunk in progress and writes a checkpoint, from which the run goes on to the same numbers', async () => {
    const training = ringTraining();
    const controller = new AbortController();
    const told = await tell(
      { ...training, session: await open(), steps: 1_000_000, signal: controller.signal },
      ({ type }) => type === 'metrics' && controller.abort(),
    );
    const step = told.rows.at(-1)!.step;
    expect(outline(told.events)).toEqual([
      ['started', 0],
      ['samples', 0],
      ['metrics', 1, step],
      ['checkpoint', step],
      ['stopped', step, 'aborted'],
    ]);
    const resume = { step, variables: told.checkpoints.get(step)! };
    const resumed = await tell({ ...training, session: await open(), steps: step + 3, resume });
    const whole = await tell({ ...training, session: await open(), steps: step + 3 });
    expect([...told.rows, ...resumed.rows]).toEqual(whole.rows);
    expect(resumed.checkpoints.get(step + 3)).toEqual(whole.checkpoints.get(step + 3));
  });

  it('at a checkpoint writes it once', async () => {
    const controller = new AbortController();
    const { events } = await tell(
      { ...ringTraining(), session: await open(), steps: 9, checkpointEvery: 2, signal: controller.signal },
      ({ type }) => type === 'metrics' && controller.abort(),
    );
    expect(outline(events).slice(2)).toEqual([
      ['metrics', 1, 2],
      ['checkpoint', 2],
      ['stopped', 2, 'aborted'],
    ]);
  });

  it('in the last chunk is too late', async () => {
    const controller = new AbortController();
    const { events } = await tell(
      { ...ringTraining(), session: await open(), steps: 2, signal: controller.signal },
      ({ type }) => type === 'metrics' && controller.abort(),
    );
    expect(outline(events).at(-1)).toEqual(['stopped', 2, 'finished']);
  });

  it('by leaving the loop leaves the session to be used again', async () => {
    const session = await open();
    for await (const event of train({ ...ringTraining(), session, steps: 1_000_000 }))
      if (event.type === 'metrics') break;
    const { rows } = await tell({ ...ringTraining(), session, steps: 2 });
    expect(rows).toEqual((await tell({ ...ringTraining(), session: await open(), steps: 2 })).rows);
  });
});

describe('sheets', () => {
  it('show what the generator makes of the same z every time', async () => {
    const game = tinyGame({ shape: [2], range: 'data' });
    const told = await tell({
      game,
      dataset: ring8,
      session: await open(),
      steps: 4,
      sampleEvery: 2,
      checkpointEvery: 2,
      sheetSize: 7,
    });
    const z = sheetLatent(game, 1, 7).data;
    expect([...told.sheets.keys()]).toEqual([0, 2, 4]);
    const variables = new Map([[0, initialVariables(game, 1)], ...told.checkpoints]);
    for (const [step, samples] of told.sheets)
      expect(samples, `step ${step}`).toBeAllClose(generateByHand(variables.get(step)!, z), { atol: 1e-6 });
    expect(told.sheets.get(4)).not.toEqual(told.sheets.get(2));
  });

  it('are drawn from the average where there is one', async () => {
    const game = tinyGame({ shape: [2], range: 'data', averageDecay: 0.5 });
    const told = await tell({ game, dataset: ring8, session: await open(), steps: 3 });
    const z = sheetLatent(game, 1, 100).data;
    const variables = told.checkpoints.get(3)!;
    expect(told.sheets.get(3)!).toBeAllClose(generateByHand(variables, z, 'average/'), { atol: 1e-6 });
    expect(told.sheets.get(3)!).not.toBeAllClose(generateByHand(variables, z), { atol: 1e-3 });
  });
});

describe('checkpoints', () => {
  it('hold every variable, and are copies', async () => {
    const training = await alternatingTraining();
    const session = await open();
    const names = Object.keys(initialVariables(training.game, 1)).sort();
    const told = await tell({ ...training, session, steps: 4, checkpointEvery: 2 }, (event) => {
      if (event.type !== 'checkpoint') return;
      expect(Object.keys(event.variables).sort()).toEqual(names);
      // Whoever keeps a checkpoint may do with it what he likes.
      if (event.step === 2)
        for (const { data } of Object.values(event.variables)) (data as Float32Array).fill(0);
    });
    const undisturbed = await tell({ ...training, session: await open(), steps: 4 });
    expect(told.checkpoints.get(4)).toEqual(undisturbed.checkpoints.get(4));
    expect(await session.readState()).toEqual(told.checkpoints.get(4));
  });
});

/** A session that computes nothing: it says how long it took, and keeps how many iterations it was asked for. */
class FakeSession implements Session {
  readonly device = 'cpu';
  readonly threads = 1;
  readonly counts: number[] = [];
  readonly #columns: number;
  readonly #onRun: (count: number) => void | Promise<void>;

  constructor(columns: number, onRun: (count: number) => void | Promise<void>) {
    this.#columns = columns;
    this.#onRun = onRun;
  }

  async run(program: string, feeds: Tensors): Promise<Tensors> {
    if (program === 'sample')
      return { samples: { dtype: 'float32', shape: [1, 2], data: new Float32Array(2) } };
    const count = Number(feeds['iterations']!.data[0]);
    this.counts.push(count);
    await this.#onRun(count);
    const columns = this.#columns;
    return {
      metrics: { dtype: 'float32', shape: [count, columns], data: new Float32Array(count * columns) },
      finite: { dtype: 'bool', shape: [count], data: new Uint8Array(count).fill(1) },
    };
  }

  async compile(): Promise<ProgramTypes> {
    return { inputs: [], outputs: [] };
  }
  async writeState(): Promise<void> {}
  async readState(): Promise<Tensors> {
    return {};
  }
  async rollback(): Promise<void> {}
  async release(): Promise<void> {}
}

describe('a chunk', () => {
  const game = tinyGame({ shape: [2], range: 'data' });
  const settings = { game, dataset: ring8, gradientNormsEvery: 1_000_000 };

  it('is about half a second long, whatever an iteration takes', async () => {
    let milliseconds = 0;
    let perIteration = 10;
    vi.spyOn(performance, 'now').mockImplementation(() => milliseconds);
    const session = new FakeSession(5, (count) => {
      milliseconds += count * perIteration;
      if (session.counts.length === 3) perIteration = 100;
    });
    await tell({ ...settings, session, steps: 200 });
    // The first run is not judged by, the next chunk is being prepared already when the one before ends.
    expect(session.counts.slice(0, 7)).toEqual([4, 4, 4, 50, 50, 5, 5]);
    expect(session.counts.reduce((sum, count) => sum + count, 0)).toBe(200);
  });

  it('takes at most 64 MiB of inputs', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const session = new FakeSession(5, () => {});
    // Three feeds of 2 to 5 floats a row: 2^16 rows are 3 MiB.
    const batch = 2 ** 16;
    const large = { ...game, batch };
    const bytes = 4 * batch * (2 + 5 + 5);
    await tell({ ...settings, game: large, session, steps: 40 });
    expect(Math.max(...session.counts)).toBe(Math.floor((64 * 2 ** 20) / bytes));
  });

  it('is prepared while the one before runs', async () => {
    const batches = minibatches(ring8, { batch: game.batch, seed: 1 });
    const asked: number[] = [];
    const told: (() => void)[] = [];
    const watched = {
      ...batches,
      fill: (...[step, index, out]: Parameters<typeof batches.fill>) => {
        asked.push(step);
        for (const tell_ of told.splice(0)) tell_();
        batches.fill(step, index, out);
      },
    };
    let done = 0;
    const session = new FakeSession(5, async (count) => {
      done += count;
      // Does not end before somebody asks for the next chunk's examples.
      while (done < 12 && !asked.includes(done)) await new Promise<void>((resolve) => told.push(resolve));
    });
    await tell({ game, minibatches: watched, session, steps: 12, gradientNormsEvery: 1_000_000 });
    expect(done).toBe(12);
  });
});

describe('refused before anything runs', () => {
  const settings = { ...ringTraining(), session: new FakeSession(5, () => {}), steps: 5 };
  it.each<[Partial<TrainSettings>, string]>([
    [{ steps: 0 }, 'train: steps must be a count of at least 1, got 0'],
    [{ steps: 2.5 }, 'train: steps must be a count of at least 1, got 2.5'],
    [{ checkpointEvery: -1 }, 'train: checkpointEvery must be a count of at least 1, got -1'],
    [{ sampleEvery: 0 }, 'train: sampleEvery must be a count of at least 1, got 0'],
    [{ gradientNormsEvery: 0.5 }, 'train: gradientNormsEvery must be a count of at least 1, got 0.5'],
    [{ sheetSize: Number.NaN }, 'train: sheetSize must be a count of at least 1, got NaN'],
    [
      { resume: { step: 6, variables: {} } },
      'train: steps must not lie before the checkpoint at step 6, got 5',
    ],
  ])('%j', async (wrong, message) => {
    await expect(tell({ ...settings, ...wrong })).rejects.toThrow(new ConfigError(message));
  });

  it('data that the game was not made for', async () => {
    const { dataset } = await releasedTraining();
    const wanted =
      'train: the data must be 16 float32 examples of shape [2] in a step, as the game takes, got';
    await expect(tell({ ...settings, dataset })).rejects.toThrow(
      `${wanted} 16 uint8 examples of shape [1, 4, 4]`,
    );
    const { dataset: _, ...rest } = settings;
    const others = minibatches(grid25, { batch: 8, seed: 1 });
    await expect(tell({ ...rest, minibatches: others })).rejects.toThrow(
      `${wanted} 8 float32 examples of shape [2]`,
    );
  });
});
