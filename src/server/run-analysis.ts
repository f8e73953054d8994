import type { Dataset } from '../data/dataset.ts';
import { loadDataset } from '../data/disk/load-dataset.ts';
import { isTableFile } from '../data/disk/table-file.ts';
import { elementCount } from '../graph/tensor.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { checkpointName } from '../train/disk/checkpoint-file.ts';
import { requireSameData } from '../train/disk/run-record.ts';
import { provenance, readTrainedGenerator, type TrainedGenerator } from '../train/disk/trained-generator.ts';
import { exportGenerator } from '../train/export-generator.ts';
import type { DiscriminatorHistogram, NearestExample } from './api.ts';
import { discriminatorHistogram } from './discriminator-histogram.ts';
import { nearestExample, type SearchedExamples, searchedExamples } from './nearest-example.ts';
import { Refusal } from './refusal.ts';
import type { CataloguedRun } from './run-catalogue.ts';
import type { DataAccess } from './run-data-access.ts';
import { checkpointsOf } from './run-files.ts';
import type { RunsFolder } from './runs-folder.ts';

/** A larger checkpoint would take more memory than a server that only looks should. */
const MOST_CHECKPOINT_BYTES = 512 * 2 ** 20;
/** Questions that wait for those before them. */
const MOST_WAITING = 8;
const MOST_HISTOGRAMS = 500;
/** Generators that are kept: pages ask for the same one over and over. */
const MOST_GENERATOR_BYTES = 96 * 2 ** 20;

/**
 * What is computed from the checkpoints of runs: one thing at a time, on one thread, so that a training beside it keeps its
 * cores, and kept, so that it is computed once.
 */
export class RunAnalysis {
  readonly #folder: RunsFolder;
  readonly #access: DataAccess;
  readonly #histograms: Map<string, Omit<DiscriminatorHistogram, 'steps'>> = new Map();
  readonly #generators: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  /** Of the run that was asked for last. */
  #searched: { readonly fingerprint: string; readonly examples: SearchedExamples } | undefined;
  #session: Promise<Session> | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(folder: RunsFolder, access: DataAccess) {
    this.#folder = folder;
    this.#access = access;
  }

  /**
   * What D says at a checkpoint. @param step - default the newest
   * @throws Refusal where there is no such checkpoint, or the data may not be opened here
   */
  async histogram(run: CataloguedRun, step: number | undefined): Promise<DiscriminatorHistogram> {
    const { steps, asked, key } = await this.#checkpoint(run, step);
    const known = this.#histograms.get(key);
    if (known) return { ...known, steps };
    this.#requireData(run);
    const made = await this.#inTurn(async () => {
      const trained = await readTrainedGenerator(run.path, { step: asked });
      return discriminatorHistogram(trained, await this.#dataOf(run), await this.#open());
    });
    keep(this.#histograms, key, made, (kept) => kept.size > MOST_HISTOGRAMS);
    return { ...made, steps };
  }

  /** The generator of a checkpoint as an ONNX file. @throws Refusal where there is no such checkpoint */
  async generator(
    run: CataloguedRun,
    step: number | undefined,
  ): Promise<{ readonly step: number; readonly model: Uint8Array<ArrayBuffer> }> {
    const { asked, key } = await this.#checkpoint(run, step);
    const known = this.#generators.get(key);
    if (known) return { step: asked, model: known };
    const model = await this.#inTurn(async () => {
      const trained: TrainedGenerator = await readTrainedGenerator(run.path, { step: asked });
      const metadata = await provenance(trained);
      return Uint8Array.from(exportGenerator(trained.game, trained.variables, { metadata }));
    });
    const bytes = (kept: ReadonlyMap<string, Uint8Array>) =>
      [...kept.values()].reduce((total, { length }) => total + length, 0);
    keep(this.#generators, key, model, (kept) => kept.size > 1 && bytes(kept) > MOST_GENERATOR_BYTES);
    return { step: asked, model };
  }

  /** The training example nearest to a sample. @throws Refusal where the sample is none, or the data may not be opened here */
  async nearest(run: CataloguedRun, sample: unknown): Promise<NearestExample> {
    const { exampleShape, fingerprint } = run.record.dataset;
    const size = elementCount(exampleShape);
    if (!Array.isArray(sample) || sample.length !== size || !sample.every(Number.isFinite))
      throw new Refusal(
        400,
        `sample: must be ${size} finite numbers, one example [${exampleShape.join(', ')}], got ${Array.isArray(sample) ? sample.length : typeof sample}`,
      );
    this.#requireData(run);
    return this.#inTurn(async () => {
      if (this.#searched?.fingerprint !== fingerprint) {
        this.#searched = undefined;
        const { game } = await readTrainedGenerator(run.path);
        this.#searched = { fingerprint, examples: searchedExamples(game, await this.#dataOf(run)) };
      }
      return nearestExample(
        this.#searched.examples,
        Float32Array.from(sample as number[]),
        await this.#open(),
      );
    });
  }

  /** Frees what it holds. */
  async close(): Promise<void> {
    await this.#working.catch(() => undefined);
    await (await this.#session?.catch(() => undefined))?.release();
  }

  async #checkpoint({ id, path, files }: CataloguedRun, step: number | undefined) {
    const steps = checkpointsOf(path, files);
    const asked = step ?? steps.at(-1);
    if (asked === undefined) throw new Refusal(404, `checkpoint: ${id} must have one, got none yet`);
    if (!steps.includes(asked))
      throw new Refusal(
        404,
        `checkpoint: ${id} must have one of step ${asked}, got those of ${steps.join(', ')}`,
      );
    const { stats } = await this.#folder.fileOf(id, `checkpoints/${checkpointName(asked)}`);
    if (stats.size > MOST_CHECKPOINT_BYTES)
      throw new Refusal(
        413,
        `checkpoint: must have at most ${MOST_CHECKPOINT_BYTES} bytes to be looked at here, got ${stats.size}. Use the command line`,
      );
    return { steps, asked, key: `${id}/${asked}/${stats.mtimeMs}` };
  }

  #requireData({ record }: CataloguedRun): void {
    const refused = this.#access.refusal(record.config.data);
    if (refused !== undefined) throw new Refusal(403, refused);
  }

  async #dataOf({ record }: CataloguedRun): Promise<Dataset> {
    const { data, images, table } = record.config;
    const dataset = await loadDataset(data, {
      ...(images ? { images } : {}),
      ...(table && isTableFile(data) ? { table } : {}),
    });
    requireSameData(record, dataset);
    return dataset;
  }

  #open(): Promise<Session> {
    this.#session ??= openSession({ device: 'cpu', threads: 1 });
    return this.#session;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      throw new Refusal(
        429,
        `checkpoint: at most ${MOST_WAITING} questions can wait, got one more. Ask again in a moment`,
      );
    this.#waiting++;
    const done = this.#working.then(work, work);
    this.#working = done;
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }
}

/** Keeps a value; the oldest go for as long as there is too much. */
function keep<T>(
  kept: Map<string, T>,
  key: string,
  value: T,
  isTooMuch: (kept: ReadonlyMap<string, T>) => boolean,
): void {
  kept.set(key, value);
  for (const oldest of kept.keys()) {
    if (!isTooMuch(kept)) return;
    kept.delete(oldest);
  }
}
