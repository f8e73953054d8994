import type { Dataset } from '../data/dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import { type Game, initialVariables } from '../gan/game.ts';
import { gameStep } from '../gan/game-step.ts';
import type { StepOf } from '../gan/step.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { parameterCount } from '../nn/summary.ts';
import type { Session } from '../runtime/session.ts';
import { buildGame } from '../train/build-game.ts';
import { iterationCount, iterationsThatFit, type Metrics, rowsOf, runExplained } from '../train/chunk.ts';
import type { Config } from '../train/config.ts';
import { datasetFacts } from '../train/dataset-facts.ts';
import { type FeedSources, fillFeeds } from '../train/feeder.ts';
import { nonFiniteError } from '../train/non-finite.ts';
import {
  chunkProgram,
  measuredProgram,
  type TrainingProgram,
  type VariableTypes,
} from '../train/programs.ts';
import { replayNonFinite } from '../train/replay-non-finite.ts';
import { labConfig } from './lab-config.ts';
import { LabLooks } from './lab-looks.ts';
import type { LabPhase } from './lab-protocol.ts';
import type { LabState } from './lab-state.ts';

/** What a lab's game is opened with. */
export interface LabGameOptions {
  readonly state: LabState;
  readonly dataset: Dataset;
  /** Of this game alone: it writes the variables and compiles its programs there. */
  openSession(): Promise<Session>;
  /**
   * The game before this one, which is over: where they differ in data and seed alone, its session and compiled programs
   * are taken over. Default: none.
   */
  readonly before?: LabGame;
}

interface LabGameParts extends Pick<LabGame, 'state' | 'config' | 'game' | 'dataset' | 'session' | 'looks'> {
  readonly variables: VariableTypes;
  readonly sources: FeedSources;
  readonly programs: Map<ProgramName, Promise<TrainingProgram>>;
}

/** All of a game that its programs are made of: seed and data come in as feeds and as variables. */
function programIdentity({ config, game: { examples } }: Pick<LabGame, 'config' | 'game'>): string {
  const { seed: _, data: __, ...rest } = config;
  return JSON.stringify([rest, examples]);
}

type ProgramName = 'chunk' | 'measured' | 'phaseD';

/**
 * A game that is played step by step or phase by phase. Its numbers are those of `train` with the same config: the same
 * programs are fed with the same minibatches and noise, whichever way it is played.
 */
export class LabGame {
  readonly state: LabState;
  readonly config: Config;
  readonly game: Game;
  readonly dataset: Dataset;
  readonly session: Session;
  /** Types of the variables, by name; their values are the session's. */
  readonly variables: VariableTypes;
  /** Looks at the networks as they are. */
  readonly looks: LabLooks;
  readonly #sources: FeedSources;
  readonly #programs: Map<ProgramName, Promise<TrainingProgram>>;
  #step = 0;
  /** The variables before phase D, while phase G is still to come. */
  #beforeStep: Tensors | undefined;

  private constructor(parts: LabGameParts) {
    this.state = parts.state;
    this.config = parts.config;
    this.game = parts.game;
    this.dataset = parts.dataset;
    this.session = parts.session;
    this.variables = parts.variables;
    this.looks = parts.looks;
    this.#sources = parts.sources;
    this.#programs = parts.programs;
  }

  /**
   * The game of a state at step 0.
   *
   * @throws ConfigError where the state describes no game on this data
   */
  static async open({ state, dataset, openSession, before }: LabGameOptions): Promise<LabGame> {
    const config = labConfig(state);
    const game = buildGame(config, datasetFacts(dataset));
    const { seed, batch, k } = config;
    const sources = { seed, minibatches: minibatches(dataset, { batch, k, seed }) };
    const initial = initialVariables(game, seed);
    const variables: VariableTypes = Object.fromEntries(
      Object.entries(initial).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
    );
    const isSame = before !== undefined && programIdentity(before) === programIdentity({ config, game });
    const session = isSame ? before.session : await openSession();
    await session.writeState(initial);
    const looks = isSame ? before.looks : new LabLooks({ game, session, variables });
    const programs = isSame ? before.#programs : new Map();
    return new LabGame({ state, config, game, dataset, session, variables, looks, sources, programs });
  }

  /** Completed steps. */
  get step(): number {
    return this.#step;
  }

  /** What comes next. */
  get phase(): LabPhase {
    return this.#beforeStep ? 'generator' : 'discriminator';
  }

  /** Numbers that training changes, by player. */
  get parameters(): { readonly generator: number; readonly discriminator: number } {
    const { generator, discriminator } = this.game;
    return {
      generator: parameterCount(generator.network),
      discriminator: parameterCount(discriminator.network),
    };
  }

  /** Iterations that fit into the memory of one run. */
  async longestChunk(): Promise<number> {
    return iterationsThatFit(await this.#program('chunk'));
  }

  /**
   * Makes whole steps in one run; a step whose phase D was made is completed as the first of them.
   *
   * @returns a row of metrics a step
   * @throws NonFiniteError where a quantity stops being finite; ExecutionError where ONNX Runtime fails
   */
  async run(count: number): Promise<Metrics[]> {
    const rows = this.#beforeStep ? [await this.#complete()] : [];
    const rest = count - rows.length;
    if (rest === 0) return rows;
    const program = await this.#program('chunk');
    const first = this.#step;
    const feeds = await fillFeeds(program.feeds, this.#sources, first, rest);
    const outputs = await runExplained(this.session, program, { ...feeds, ...iterationCount(rest) });
    if ((outputs['finite'] as Tensor<'bool'>).data.includes(0)) {
      const measured = await this.#program('measured');
      const { game, session } = this;
      throw await replayNonFinite({ game, session, measured, sources: this.#sources, first, count: rest });
    }
    this.#step += rest;
    return [...rows, ...rowsOf(program.metrics, outputs['metrics'] as Tensor<'float32'>, first)];
  }

  /**
   * Makes one step, or completes the one that is half made.
   *
   * @returns its metrics, with the norms of both players' gradients: `gradientNorm/discriminator`, `gradientNorm/generator`
   * @throws as `run`
   */
  async runMeasured(): Promise<Metrics> {
    if (this.#beforeStep) return this.#complete();
    const row = await this.#runOnce('measured');
    this.#step++;
    return row;
  }

  /**
   * Makes the phase that comes next. Phase D changes the discriminator alone; phase G completes the step, to the bit as
   * `run` makes it.
   *
   * @returns what the phase logged: after phase D nothing of the generator's
   * @throws as `run`
   */
  async runPhase(): Promise<Metrics> {
    if (this.#beforeStep) return this.#complete();
    const before = await this.session.readState();
    const row = await this.#runOnce('phaseD');
    this.#beforeStep = before;
    return row;
  }

  /** The step is made from where phase D began: simultaneous updates need both players as they were then. */
  async #complete(): Promise<Metrics> {
    const before = this.#beforeStep!;
    await this.session.writeState(before);
    this.#beforeStep = undefined;
    return this.runMeasured();
  }

  async #runOnce(name: ProgramName): Promise<Metrics> {
    const program = await this.#program(name);
    const feeds = await fillFeeds(program.feeds, this.#sources, this.#step);
    const outputs = await runExplained(this.session, program, feeds);
    const [row] = rowsOf(program.metrics, outputs['metrics'] as Tensor<'float32'>, this.#step);
    const allFinite = (outputs['finite'] as Tensor<'bool'>).data[0] === 1;
    const error = allFinite
      ? undefined
      : nonFiniteError(this.#step + 1, row!, await this.session.readState(), this.game);
    if (error) throw error;
    return row!;
  }

  #program(name: ProgramName): Promise<TrainingProgram> {
    const known = this.#programs.get(name) ?? this.#compile(name);
    this.#programs.set(name, known);
    return known;
  }

  async #compile(name: ProgramName): Promise<TrainingProgram> {
    const step: StepOf = (feeds) => gameStep(this.game, feeds);
    const made =
      name === 'chunk'
        ? chunkProgram(step, this.variables)
        : measuredProgram(name === 'measured' ? step : discriminatorPhase(this.game), this.variables, name);
    await this.session.compile(made);
    return made;
  }
}

/** A step's updates of the discriminator, on the minibatches and the noise that the whole step has. */
function discriminatorPhase(game: Game): StepOf {
  return (feeds) => {
    const { averaging: _, updates, ...step } = gameStep(game, feeds);
    return { ...step, updates: updates.filter(({ player }) => player === game.discriminator.network.name) };
  };
}
