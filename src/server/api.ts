import type { DatasetFacts } from '../train/dataset-facts.ts';
import type { Finding } from '../train/diagnosis.ts';

/*
 * What the dashboard's server says and takes, as JSON. Only types: the page imports them, and nothing of the server.
 *
 *   GET  /api/runs                                 RunList
 *   GET  /api/runs/:id                             RunDetail
 *   GET  /api/runs/:id/metrics?keys&points&from&to RunMetrics
 *   GET  /api/runs/:id/histograms?step             DiscriminatorHistogram
 *   GET  /api/runs/:id/generator?step              an ONNX file: z [N, d] -> samples, as `zerosum export` writes it
 *   GET  /api/runs/:id/files/*                     a file of the run folder
 *   POST /api/runs/:id/nearest                     NearestRequest -> NearestExample
 *   GET  /api/form                                 RunForm
 *   POST /api/runs                                 StartRequest  -> 201 Started | 202 Started, while it prepares
 *   POST /api/runs/:id/stop                        {}            -> 202 Started
 *   POST /api/runs/:id/resume                      ResumeRequest -> 201 | 202 Started
 *   POST /api/runs/:id/fork                        ForkRequest   -> 201 | 202 Started
 *   GET  /api/events                               server-sent events: see ServerEvents
 *
 * A refusal is an `ApiError` with status 400, 401, 403, 404, 409, 413, 415, 429 or 503.
 */

/** Why a request was refused: one sentence for people. */
export interface ApiError {
  readonly error: string;
  /** Which part of the request is wrong, where that is known: `k`, `generator.optimiser.learningRate`, `name`, `steps`, `data`. */
  readonly field?: string;
}

/**
 * What a run does. `starting`: its process prepares (loads data, compiles) and there is no folder yet. `running`: a living
 * process holds its lock. `finished`: its last checkpoint is of its last step. `stopped`: neither. `failed`: it ended with an
 * error, or without a word. `unknown`: its lock is of another machine, and nothing has been heard of it for two minutes.
 */
export type RunState = 'starting' | 'running' | 'finished' | 'stopped' | 'failed' | 'unknown';

/** A measure of a generator. */
export interface HeadlineMeasure {
  readonly name: string;
  readonly value: number;
  readonly better: 'higher' | 'lower';
  /** The step that it was measured at. */
  readonly step?: number;
}

/** A run as a row of the list. */
export interface RunSummary {
  /** The name of its folder: what stands for `:id`, escaped as `encodeURIComponent` does. */
  readonly id: string;
  readonly name: string;
  readonly data: string;
  /** What its samples are; absent while it starts. */
  readonly kind?: 'images' | 'points';
  readonly preset: string;
  readonly seed: number;
  readonly state: RunState;
  /** Why it failed, in one sentence. */
  readonly failure?: string;
  /** The last step in its log; 0 before the first. */
  readonly step: number;
  /** Where it is to stop; absent where that depends on data that nobody has counted (epochs, in runs of older versions). */
  readonly steps?: number;
  /** Steps a second over its last chunks of steps. */
  readonly itPerSecond?: number;
  /** Of a running run: seconds to its last step at that speed. */
  readonly etaSeconds?: number;
  /** When its files last changed, in milliseconds since 1970. */
  readonly updatedAt: number;
  /** Its newest sheet of samples; the address changes when the sheet does. */
  readonly thumbnail?: string;
  /** The figures of its last logged step: lossD, lossG, D(x), D(G(z)), ... */
  readonly latest: Readonly<Record<string, number>>;
  /** Its best measures so far, from `zerosum evaluate` where that was run, else from `evaluations.jsonl`. */
  readonly headline: readonly HeadlineMeasure[];
  /** What is wrong with it now, in one sentence: the newest finding that has begun and not ended. */
  readonly finding?: string;
  /** The run and the step that it was forked from. */
  readonly forkedFrom?: { readonly run: string; readonly step: number };
}

/** `GET /api/runs`: newest change first. */
export interface RunList {
  readonly runs: readonly RunSummary[];
  /** Folders that look like runs and cannot be read, with the reason. */
  readonly unreadable: readonly { readonly id: string; readonly error: string }[];
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
  /** Names this start of the server: another one means that everything is to be fetched again. */
  readonly server: string;
}

/** What samples are, and what z a generator takes. */
export interface SampleFormat {
  readonly kind: 'images' | 'points';
  /** `[C, H, W]`, pixels in [0, 1]; `[d]`, in the data's units. */
  readonly shape: readonly number[];
  readonly latent: 'uniform' | 'gaussian' | 'spherical';
  readonly latentDim: number;
  /** In games with labels: the generator also takes `labels`, int64 [N]. */
  readonly classes?: number;
  readonly classNames?: readonly string[];
  readonly table?: NonNullable<DatasetFacts['table']>;
}

/** A file of a run. */
export interface RunFile {
  /** Below the run folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly url: string;
}

/** A sheet of samples, the same z in all of a run. */
export interface Sheet {
  readonly step: number;
  readonly url: string;
}

/** One measurement along a training: a line of `evaluations.jsonl`. */
export interface EvaluationPoint {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** A setting of a run that its preset has otherwise; `undefined` on either side where the key is absent. */
export interface ConfigChange {
  readonly path: string;
  readonly preset?: unknown;
  readonly value?: unknown;
}

/** `GET /api/runs/:id`. */
export interface RunDetail {
  readonly summary: RunSummary;
  /** The settings that differ from the preset's. Absent where this version has no such preset. */
  readonly configDiff?: readonly ConfigChange[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Everything that was found along the training, in its order. */
  readonly findings: readonly Finding[];
  readonly sheets: readonly Sheet[];
  readonly evaluations: readonly EvaluationPoint[];
  /** What `zerosum evaluate` wrote to `evaluation.json`, where it did. */
  readonly evaluation?: Readonly<Record<string, unknown>>;
  /** Steps of which there is a checkpoint, ascending. */
  readonly checkpoints: readonly number[];
  readonly files: readonly RunFile[];
  readonly hasReport: boolean;
  /** The generator of the newest checkpoint, as ONNX; the address changes with the checkpoint. */
  readonly generator?: string;
  readonly sampleFormat: SampleFormat;
  /** Why histograms and nearest examples cannot be had: this server may not open the data. */
  readonly dataRefused?: string;
}

/** Of each stretch of steps; null where it has no finite value. */
export interface MetricSeries {
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
}

/** `GET /api/runs/:id/metrics`: at most `points` stretches of steps; default 800, at most 4000. */
export interface RunMetrics {
  /** The middle of each stretch: of the steps in it that have a line, ascending. */
  readonly steps: readonly number[];
  /** Steps of a stretch; 1 where every line stands for itself. */
  readonly width: number;
  /** By the keys that were asked for; default every key. */
  readonly series: Readonly<Record<string, MetricSeries>>;
  /** Every key of the log. */
  readonly keys: readonly string[];
  /** The first and the last step of the whole log; absent while it is empty. */
  readonly range?: readonly [number, number];
}

/** `GET /api/runs/:id/histograms`: what D says of 500 real examples and of 500 samples, at a checkpoint. */
export interface DiscriminatorHistogram {
  readonly step: number;
  /** `probability`: D(x) in [0, 1]. `logit`: what a critic says, which is no probability. */
  readonly unit: 'probability' | 'logit';
  /** The edges of the bins, one more than there are bins. */
  readonly edges: readonly number[];
  /** How many of the real examples fall into each bin, and of the samples. */
  readonly real: readonly number[];
  readonly fake: readonly number[];
  readonly mean: { readonly real: number; readonly fake: number };
  readonly count: number;
  /** Steps for which it can be had: those of the checkpoints that are kept. */
  readonly steps: readonly number[];
}

/** Body of `POST /api/runs/:id/nearest`. */
export interface NearestRequest {
  /** One sample, row-major, as the generator's file gives it: pixels in [0, 1]. */
  readonly sample: readonly number[];
}

/** The training example that lies nearest to a sample. */
export interface NearestExample {
  /** Its number in the training set. */
  readonly index: number;
  /** Euclidean, in the units of the samples. */
  readonly distance: number;
  /** Row-major, in the units and the shape of the samples. */
  readonly example: readonly number[];
  readonly shape: readonly number[];
  /** Among how many training examples it was looked for: all, or as many as the server holds. */
  readonly searched: number;
  readonly label?: string;
}

/** Data that a run can be started on. */
export interface FormData {
  /** What `StartRequest.data` takes. */
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** `named`: known to zerosum. `given`: a folder or file named when the server was started. */
  readonly kind: 'named' | 'given';
  /** The preset that suits it, where that can be said without opening it. */
  readonly preset?: string;
  /** What `zerosum train` takes for it, where the server was started: `digits`, `./photos`. */
  readonly argument: string;
}

/** `GET /api/form`: what a form for a new run is made of. */
export interface RunForm {
  /** JSON Schema of a config, every key explained by `description`. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly presets: readonly {
    readonly name: string;
    readonly description: string;
    readonly config: Readonly<Record<string, unknown>>;
  }[];
  readonly data: readonly FormData[];
  /** The folder of runs, as one would write it where the server was started: `runs`. */
  readonly runs: string;
  readonly limits: {
    readonly steps: number;
    readonly nameLength: number;
    readonly settings: number;
    readonly running: number;
  };
}

/** Body of `POST /api/runs`: what `zerosum train` takes. */
export interface StartRequest {
  /** An `id` of the form's data. */
  readonly data: string;
  /** Default: the one that suits the data; has to be named for data of the user's own. */
  readonly preset?: string;
  /** Settings by key path, as `--set key.path=value`: `{ "k": 2, "generator.optimiser.learningRate": 1e-4 }`. */
  readonly set?: Readonly<Record<string, unknown>>;
  readonly steps?: number;
  readonly batch?: number;
  readonly seed?: number;
  /** Letters, digits, dots, dashes and underscores. Default `<preset>-<n>` with the first free n. */
  readonly name?: string;
}

/** Body of `POST /api/runs/:id/resume`. */
export interface ResumeRequest {
  /** A later step to stop at. Default: the run's own. */
  readonly steps?: number;
}

/** Body of `POST /api/runs/:id/fork`: `zerosum train --from RUN --checkpoint STEP`. */
export interface ForkRequest extends Pick<StartRequest, 'set' | 'steps' | 'seed' | 'name'> {
  /** Of a checkpoint that is kept. Default: the newest. */
  readonly step?: number;
}

/** A run that was told something. */
export interface Started {
  readonly id: string;
  readonly state: RunState;
}

/**
 * Events of `GET /api/events` by name; `data` is JSON. The id of an event is `<server>/<number>`. Whoever sees another
 * server's name in `hello`, or has missed a number, fetches everything again.
 */
export interface ServerEvents {
  /** First on every connection. */
  readonly hello: { readonly server: string; readonly now: number };
  /** A run is there, or something of it has changed: rows, sheets, checkpoints, its state. */
  readonly run: RunSummary;
  /** A run is there no more. */
  readonly gone: { readonly id: string };
  /** Every five seconds: without one for fifteen, what the page shows is stale. */
  readonly beat: { readonly now: number };
}
