import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunState, RunSummary, Started } from './api.ts';
import { Refusal } from './refusal.ts';
import type { RunCatalogue } from './run-catalogue.ts';
import { runHolder } from './run-state.ts';
import { limits, type TrainingOrder } from './start-request.ts';
import { openTrainLog, trainError } from './train-log.ts';

/** Data that has to be fetched or decoded takes longer than a browser should wait. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 100;

/** A process that was started here and has not ended. */
interface Launched {
  readonly child: ChildProcess;
  readonly since: number;
  readonly argv: readonly string[];
  /** Its exit code; -1 where a signal ended it, or it never began. */
  readonly ended: Promise<number>;
}

/** What the launcher needs to know of its surroundings. */
export interface LauncherOptions {
  readonly catalogue: RunCatalogue;
  /** Program and arguments that stand for `zerosum`. */
  readonly program: readonly [string, ...string[]];
  /** Stops the training of the process that started this server. Absent: none did. */
  readonly stopParent?: (() => void) | undefined;
  /** Called when something has happened to a run. */
  readonly onChange?: ((id: string) => void) | undefined;
}

/**
 * Starts and stops trainings: processes of the command line, in groups of their own, which outlive this one. Nothing is kept of
 * them that is not in their folders.
 */
export class TrainingLauncher {
  readonly #options: LauncherOptions;
  readonly #launched: Map<string, Launched> = new Map();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Trainings that were started here and go on, by name. */
  get running(): readonly string[] {
    return [...this.#launched.keys()];
  }

  /** Runs whose process prepares and that have no folder yet. */
  starting(): RunSummary[] {
    const { folder } = this.#options.catalogue;
    return [...this.#launched]
      .filter(([id]) => folder.statOf(id, 'config.json') === undefined)
      .map(([id, { since, argv }]) => startingSummary(id, since, argv));
  }

  /**
   * Starts a training and waits until its run is locked, or twenty seconds, or it has failed.
   *
   * @throws Refusal with what the command line said where it ends with an error; where too many run already
   */
  async start(order: TrainingOrder): Promise<Started> {
    // One after the other: of requests that come together, none may slip through.
    const spawned = this.#turn.then(() => this.#spawn(order));
    this.#turn = spawned.catch(() => undefined);
    return this.#started(order.id, await spawned);
  }

  async #spawn({ id, argv }: TrainingOrder): Promise<Launched> {
    if (this.#launched.has(id)) throw new Refusal(409, `run: ${id} must not be started twice at a time`);
    await this.#requireRoom();
    const { catalogue, program, onChange } = this.#options;
    const { root } = catalogue.folder;
    const since = Date.now();
    const log = openTrainLog(root, id);
    const [command, ...first] = program;
    const child = spawn(command, [...first, ...argv], {
      // Of its own group: what ends this server, such as Ctrl-C, does not end the training.
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, NO_COLOR: '1' },
      windowsHide: true,
    });
    closeSync(log);
    child.unref();
    const ended = new Promise<number>((resolve) => {
      child.once('error', () => resolve(-1));
      child.once('exit', (code) => resolve(code ?? -1));
    });
    const launched = { child, since, argv, ended };
    this.#launched.set(id, launched);
    void ended.then(() => {
      this.#launched.delete(id);
      onChange?.(id);
    });
    return launched;
  }

  async #started(id: string, { child, ended, since }: Launched): Promise<Started> {
    const { catalogue, onChange } = this.#options;
    const path = catalogue.folder.pathOf(id);
    for (;;) {
      const code = await Promise.race([ended, delay(LOOK_MS, undefined)]);
      if (code !== undefined && code !== 0) {
        const said = trainError(catalogue.folder.root, id) ?? `its process ended with code ${code}`;
        // 2: wrong usage.
        throw new Refusal(code === 2 ? 400 : 409, said);
      }
      if (code === 0 || runHolder(path)?.pid === child.pid) {
        onChange?.(id);
        return { id, state: (await this.#stateOf(id)) ?? 'running' };
      }
      if (Date.now() - since > PATIENCE_MS) return { id, state: 'starting' };
    }
  }

  async #stateOf(id: string): Promise<RunState | undefined> {
    return (await this.#options.catalogue.find(id).catch(() => undefined))?.summary.state;
  }

  async #requireRoom(): Promise<void> {
    const { runs } = await this.#options.catalogue.list();
    const running = runs.filter(({ summary }) => summary.state === 'running').map(({ id }) => id);
    const busy = new Set([...running, ...this.#launched.keys()]).size;
    if (busy >= limits.running)
      throw new Refusal(
        409,
        `run: at most ${limits.running} trainings can run at a time, got ${busy} that do. Stop one first`,
      );
  }

  /**
   * Asks the process of a run to write a checkpoint and end, as Ctrl-C does where it was started.
   *
   * @throws Refusal where no process of this machine holds the run, or it cannot be told whether it is the right one
   */
  async stop(id: string): Promise<Started> {
    const { catalogue, stopParent } = this.#options;
    const launched = this.#launched.get(id)?.child;
    const holder = runHolder(catalogue.folder.pathOf(id));
    if (launched && !holder) {
      // It prepares: nothing has begun that would need a checkpoint.
      launched.kill('SIGINT');
      return { id, state: 'starting' };
    }
    await catalogue.folder.folderOf(id);
    if (!holder || holder.is === 'dead')
      throw new Refusal(409, `stop: ${id} must be running, got no process that trains it`);
    if (holder.is === 'elsewhere')
      throw new Refusal(409, `stop: ${id} must run on this machine, got ${holder.host}. Stop it there`);
    if (stopParent && holder.pid === process.ppid) {
      stopParent();
      return { id, state: 'running' };
    }
    const isOurs = launched?.pid === holder.pid;
    // A number alone could be of any later process.
    if (!isOurs && holder.is !== 'known')
      throw new Refusal(
        409,
        `stop: ${id} must have been started here, since this system does not say whether pid ${holder.pid} still is its process. Press Ctrl-C where it runs`,
      );
    if (process.platform === 'win32')
      throw new Refusal(
        409,
        `stop: Windows has no signal that lets pid ${holder.pid} write a checkpoint. Press Ctrl-C where it runs`,
      );
    process.kill(holder.pid, 'SIGINT');
    return { id, state: 'running' };
  }
}

/** What is known of a run before it has a folder. */
function startingSummary(id: string, since: number, argv: readonly string[]): RunSummary {
  const argument = (name: string) =>
    argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
  const steps = argument('steps');
  return {
    id,
    name: id,
    data: argv.at(-2) === '--' ? argv.at(-1)! : '',
    preset: argument('preset') ?? '',
    seed: Number(argument('seed') ?? 1),
    state: 'starting',
    step: 0,
    ...(steps === undefined ? {} : { steps: Number(steps) }),
    updatedAt: since,
    latest: {},
    headline: [],
  };
}
