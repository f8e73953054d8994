import { type Distribution, isDistribution } from '../data/dataset.ts';
import type { Session } from '../runtime/session.ts';
import { exportGenerator } from '../train/export-generator.ts';
import { NonFiniteError } from '../train/non-finite.ts';
import { labDataset } from './lab-data.ts';
import { settledLabState } from './lab-fragment.ts';
import { LabFrames } from './lab-frames.ts';
import { LabGame } from './lab-game.ts';
import type { LabFailure, LabReply, LabRequest } from './lab-protocol.ts';

/** What a lab's worker has to lend. */
export interface LabPlayerOptions {
  /** Opens what the game runs on, in the calling thread. */
  openSession(): Promise<Session>;
  /** Sends to the page. */
  send(reply: LabReply): void;
  /** Lets messages of the page come in. */
  yieldToPage(): Promise<void>;
  /** What is to be said of the machine in every frame, in a sentence each. Default: nothing. */
  readonly notices?: readonly string[];
}

/**
 * A chunk of play is about this long: of points short, since the page should see them move; of images long enough that the
 * copies of large networks, one a chunk, do not count.
 */
const chunkMs = { points: 24, images: 150 } as const;
/** In quick play the norms of gradients are logged so often. */
const MEASURED_EVERY_MS = 500;
/** A replay tells how far it is so often. */
const PROGRESS_MS = 100;

type QueuedRequest = Exclude<LabRequest, { readonly type: 'speed' | 'view' | 'frame' }>;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Plays games at a page's wish: takes its requests, trains, and answers with frames. What is asked for while a chunk of
 * training runs is done after it, in order.
 */
export class LabPlayer {
  readonly #options: LabPlayerOptions;
  readonly #queue: QueuedRequest[] = [];
  readonly #frames: LabFrames;
  #game: LabGame | undefined;
  #playing = false;
  #speed: { readonly stepsPerSecond?: number; readonly byPhase?: boolean } = {};
  /** When the next move of slow play is due. */
  #due = 0;
  #chunk = 4;
  #measured = 0;
  #failure: LabFailure | undefined;
  #serving = false;

  constructor(options: LabPlayerOptions) {
    this.#options = options;
    this.#frames = new LabFrames(options.notices ?? []);
  }

  /** Takes a request of the page; never throws, what goes wrong is answered. */
  handle(request: LabRequest): void {
    switch (request.type) {
      case 'speed': {
        const { stepsPerSecond, byPhase } = request;
        this.#speed = {
          ...(stepsPerSecond === undefined ? {} : { stepsPerSecond }),
          ...(byPhase === undefined ? {} : { byPhase }),
        };
        this.#due = performance.now();
        break;
      }
      case 'view':
        this.#frames.show(request.view);
        break;
      case 'frame':
        this.#frames.want();
        break;
      default:
        this.#queue.push(request);
    }
    if (!this.#serving) void this.#serve();
  }

  /** Works until there is nothing to do. */
  async #serve(): Promise<void> {
    this.#serving = true;
    // The page may have more to say before the first piece of work.
    await this.#options.yieldToPage();
    while (await this.#work()) await this.#options.yieldToPage();
    this.#serving = false;
  }

  /** Does the next piece of work. @returns whether there was any */
  async #work(): Promise<boolean> {
    const request = this.#queue.shift();
    if (request) {
      await this.#perform(request);
      return true;
    }
    if (!this.#game) return false;
    const played = this.#playing && (await this.#attempt(() => this.#play()));
    const frame = await this.#attemptFrame();
    return played || frame || this.#playing;
  }

  async #perform(request: QueuedRequest): Promise<void> {
    try {
      switch (request.type) {
        case 'open':
          await this.#open(request);
          break;
        case 'play':
          this.#requireMovable();
          this.#playing = true;
          this.#due = performance.now();
          this.#frames.startClock();
          break;
        case 'pause':
          this.#playing = false;
          this.#frames.touch();
          break;
        case 'step':
          this.#requireMovable();
          await this.#attempt(() => this.#step(request.count ?? 1));
          break;
        case 'phase': {
          const game = this.#requireMovable();
          await this.#attempt(async () => this.#frames.log([await game.runPhase()]));
          break;
        }
        case 'export':
          await this.#export();
          break;
        case 'close':
          this.#playing = false;
          await this.#game?.session.release();
          this.#game = undefined;
          break;
      }
    } catch (error) {
      this.#options.send({ type: 'refused', request: request.type, message: messageOf(error) });
    }
  }

  #required(): LabGame {
    if (this.#game) return this.#game;
    throw new Error('a game must be open, got none. Send open first');
  }

  /** The game, if it can go on. */
  #requireMovable(): LabGame {
    const game = this.#required();
    if (this.#failure) throw new Error(this.#failure.message);
    return game;
  }

  /** Whether the page wants something else than a long stretch of steps to go on. */
  #isInterrupted(): boolean {
    return this.#queue.some(({ type }) => type === 'open' || type === 'pause' || type === 'close');
  }

  async #open({ state: wanted, images, view }: Extract<LabRequest, { type: 'open' }>): Promise<void> {
    this.#playing = false;
    const state = settledLabState(wanted);
    const { send } = this.#options;
    const dataset = await labDataset(state.data, images, {
      preparing: async (done, of) => {
        send({ type: 'opening', what: 'examples', done, of });
        await this.#options.yieldToPage();
      },
    });
    const before = this.#game;
    const game = await LabGame.open({
      state,
      dataset,
      openSession: () => this.#options.openSession(),
      ...(before ? { before } : {}),
    });
    if (before && before.session !== game.session) await before.session.release();
    this.#game = game;
    this.#failure = undefined;
    this.#chunk = 4;
    const distribution: Distribution | undefined = isDistribution(dataset) ? dataset : undefined;
    this.#frames.open(game, distribution, view);
    const { box } = this.#frames;
    send({
      type: 'opened',
      state,
      config: JSON.stringify(game.config, undefined, 2),
      parameters: game.parameters,
      ...(box ? { box } : {}),
    });
    await this.#attempt(() => this.#replay(state.step));
  }

  /** Goes to a step as fast as it can; `pause` and another `open` end it. */
  async #replay(to: number): Promise<boolean> {
    const game = this.#required();
    let told = performance.now();
    while (game.step < to && !this.#isInterrupted()) {
      // The last one is measured, so that the numbers of a link are complete.
      if (game.step === to - 1) this.#frames.log([await game.runMeasured()]);
      else await this.#runChunk(to - 1 - game.step);
      if (performance.now() - told < PROGRESS_MS) continue;
      told = performance.now();
      this.#options.send({ type: 'opening', what: 'steps', done: game.step, of: to });
      await this.#options.yieldToPage();
    }
    return true;
  }

  async #step(count: number): Promise<void> {
    const game = this.#required();
    const to = game.step + count;
    while (game.step < to && !this.#isInterrupted()) {
      if (game.step === to - 1) this.#frames.log([await game.runMeasured()]);
      else await this.#runChunk(to - 1 - game.step);
      await this.#options.yieldToPage();
    }
  }

  /** Plays a little. @returns whether a move was made */
  async #play(): Promise<boolean> {
    const game = this.#required();
    const now = performance.now();
    const { stepsPerSecond, byPhase = false } = this.#speed;
    if (stepsPerSecond === undefined) {
      const measured = now - this.#measured > MEASURED_EVERY_MS;
      if (measured) this.#measured = now;
      await this.#runChunk(this.#chunk);
      if (measured) this.#frames.log([await game.runMeasured()]);
      return true;
    }
    if (now < this.#due) {
      await new Promise<void>((resolve) => {
        setTimeout(resolve, Math.min(this.#due - now, chunkMs.points));
      });
      return false;
    }
    const pause = 1000 / stepsPerSecond / (byPhase ? 2 : 1);
    // After a long wait it goes on from now, instead of catching up.
    const missed = Math.min(Math.floor((now - this.#due) / pause), Math.ceil(chunkMs.points / pause));
    this.#due = Math.max(this.#due + pause * (missed + 1), now);
    if (byPhase) this.#frames.log([await game.runPhase()]);
    else {
      if (missed > 0) await this.#runChunk(missed);
      this.#frames.log([await game.runMeasured()]);
    }
    return true;
  }

  /** Makes at most so many steps in about the time of a chunk. */
  async #runChunk(most: number): Promise<void> {
    const game = this.#required();
    const count = Math.max(1, Math.min(most, this.#chunk, await game.longestChunk()));
    const start = performance.now();
    this.#frames.log(await game.run(count));
    const took = performance.now() - start;
    // Doubled at most: a program's first run is slow, and says little of the next.
    const fitting = Math.round((count * chunkMs[game.dataset.kind]) / took);
    if (count === this.#chunk || fitting < this.#chunk)
      this.#chunk = Math.max(1, Math.min(fitting, 2 * this.#chunk));
  }

  /** Makes a move; a game that fails is stopped and says so in its frames. */
  async #attempt(move: () => Promise<unknown>): Promise<boolean> {
    try {
      return (await move()) !== false;
    } catch (error) {
      this.#playing = false;
      this.#failure = {
        message: messageOf(error),
        ...(error instanceof NonFiniteError ? { step: error.step, quantity: error.quantity } : {}),
      };
      this.#frames.touch();
      return false;
    }
  }

  async #attemptFrame(): Promise<boolean> {
    try {
      const frame = await this.#frames.next(this.#playing, this.#failure);
      if (frame) this.#options.send(frame);
      return frame !== undefined;
    } catch (error) {
      this.#playing = false;
      this.#options.send({ type: 'refused', request: 'frame', message: messageOf(error) });
      return false;
    }
  }

  async #export(): Promise<void> {
    const game = this.#required();
    const { state, step } = game;
    const variables = await game.session.readState();
    const bytes = exportGenerator(game.game, variables, {
      metadata: { data: state.data.kind, seed: String(state.seed), step: String(step) },
    });
    const name = `${state.data.kind}-seed${state.seed}-step${step}.onnx`;
    this.#options.send({ type: 'onnx', bytes, name });
  }
}
