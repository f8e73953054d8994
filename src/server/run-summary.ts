import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { betterDirection, headlineValues } from '../evaluation/headline.ts';
import type { Finding } from '../train/diagnosis.ts';
import type { LogEntry } from '../train/disk/json-lines.ts';
import type { RunRecord } from '../train/disk/run-record.ts';
import type { EvaluationPoint, HeadlineMeasure, RunSummary } from './api.ts';
import { standingFindings } from './findings-scan.ts';
import { lastLines, parseLine } from './log-tail.ts';
import { checkpointsOf, fileUrl, lastChange, type RunFiles, sheetsOf } from './run-files.ts';
import { runHolder, runState, stepsOfRun } from './run-state.ts';
import { trainError } from './train-log.ts';

/** The last lines of a log: some fifty of ours. */
const TAIL_BYTES = 16 * 1024;
/** More measurements than any training makes. */
const EVALUATION_BYTES = 4 * 2 ** 20;

/** What a summary is made from. */
export interface SummarySource {
  readonly root: string;
  readonly id: string;
  readonly path: string;
  readonly files: RunFiles;
  readonly record: RunRecord;
  /** As far as the log has been looked through. */
  readonly findings: readonly Finding[];
  readonly now: number;
}

/** A run in a row: from its config, the ends of its logs and the names of its files; nothing is read whole that grows. */
export function runSummary({ root, id, path, files, record, findings, now }: SummarySource): RunSummary {
  const { config, dataset, forkedFrom } = record;
  const rows = tail(path, 'metrics.jsonl', files);
  const timing = tail(path, 'timing.jsonl', files);
  const checkpoints = checkpointsOf(path, files);
  const sheet = sheetsOf(path, files).at(-1);
  const checkpoint = checkpoints.at(-1) ?? 0;
  const step = Math.max(checkpoint, rows.at(-1)?.step ?? 0, timing.at(-1)?.step ?? 0);
  const steps = stepsOfRun(record);
  const updatedAt = lastChange(files);
  const standing = standingFindings(findings);
  const broken = standing.find(({ condition }) => condition === 'nonFinite');
  const { state, failure } = runState({
    holder: files['run.lock'] && runHolder(path),
    updatedAt,
    now,
    checkpoint,
    steps,
    wasFinished: files['progress.gif'] !== undefined,
    error: broken?.sentence ?? trainError(root, id, files['config.json']?.mtimeMs),
  });
  const itPerSecond = rate(timing);
  const isUnderWay = state === 'running' && itPerSecond !== undefined && steps !== undefined;
  const newest = standing.at(-1);
  return {
    id,
    name: id,
    data: dataset.name,
    kind: dataset.kind,
    preset: config.preset,
    seed: config.seed,
    state,
    ...(failure === undefined ? {} : { failure }),
    step,
    ...(steps === undefined ? {} : { steps }),
    ...(itPerSecond === undefined ? {} : { itPerSecond }),
    ...(isUnderWay ? { etaSeconds: Math.max(0, steps - step) / itPerSecond } : {}),
    updatedAt,
    ...(sheet ? { thumbnail: fileUrl(id, `samples/${sheet.name}`, files.samples?.mtimeMs) } : {}),
    latest: latest(rows),
    headline: headline(path, files),
    ...(newest ? { finding: `${newest.sentence} (since step ${newest.step})` } : {}),
    ...(forkedFrom ? { forkedFrom } : {}),
  };
}

function tail(path: string, name: 'metrics.jsonl' | 'timing.jsonl', files: RunFiles): LogEntry[] {
  return lastLines(join(path, name), files[name]?.size ?? 0, TAIL_BYTES)
    .map(parseLine)
    .filter((entry) => entry !== undefined);
}

/** The numbers of the last step, and those of the last sheet beside them. */
function latest(rows: readonly LogEntry[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  // Backwards, so that what came last wins; a line with D's norms stands every fifty steps.
  for (const row of rows.slice(-60).reverse())
    for (const [key, value] of Object.entries(row))
      if (key !== 'step' && typeof value === 'number' && !(key in found)) found[key] = value;
  return found;
}

/** Steps a second over the last chunks, as the line says that training prints. */
function rate(timing: readonly LogEntry[]): number | undefined {
  let [iterations, seconds] = [0, 0];
  for (const { iterations: count, seconds: took } of timing.slice(-40)) {
    if (typeof count !== 'number' || typeof took !== 'number') continue;
    iterations += count;
    seconds += took;
  }
  return seconds > 0 ? iterations / seconds : undefined;
}

/** What was measured along the training. */
export function evaluationsOf(path: string, files: RunFiles): EvaluationPoint[] {
  const size = files['evaluations.jsonl']?.size ?? 0;
  return lastLines(join(path, 'evaluations.jsonl'), size, EVALUATION_BYTES).flatMap((line) => {
    const entry = parseLine(line);
    if (!entry) return [];
    const { step, ...rest } = entry;
    return [{ step, values: numbersOf(rest) }];
  });
}

/** What `zerosum evaluate` wrote; undefined where it did not, or somebody else did. */
export function evaluationOf(path: string, files: RunFiles): Readonly<Record<string, unknown>> | undefined {
  const size = files['evaluation.json']?.size ?? 0;
  if (size === 0 || size > EVALUATION_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(join(path, 'evaluation.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function numbersOf(values: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const isNumber = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === 'number';
  return Object.fromEntries(Object.entries(values).filter(isNumber));
}

function headline(path: string, files: RunFiles): HeadlineMeasure[] {
  const best = new Map<string, HeadlineMeasure>();
  const consider = (values: Readonly<Record<string, unknown>>, step: number | undefined): void => {
    for (const [name, value] of Object.entries(numbersOf(values))) {
      const better = betterDirection(name);
      const known = best.get(name)?.value;
      const isBest = known === undefined || (better === 'higher' ? value > known : value < known);
      if (better && isBest) best.set(name, { name, value, better, ...(step === undefined ? {} : { step }) });
    }
  };
  for (const { step, values } of evaluationsOf(path, files)) consider(values, step);
  const evaluation = evaluationOf(path, files);
  // More samples and more measures than along the way: it stands in for those, better or not.
  if (evaluation) for (const name of Object.keys(evaluatedValues(evaluation))) best.delete(name);
  if (evaluation) consider(evaluatedValues(evaluation), evaluatedStep(evaluation));
  return [...best.values()];
}

/** The one number of each measure in a file that anybody may have written. */
function evaluatedValues(evaluation: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return headlineValues(evaluation);
  } catch {
    return {};
  }
}

function evaluatedStep({ subject }: Readonly<Record<string, unknown>>): number | undefined {
  const step = (subject as { step?: unknown } | undefined)?.step;
  return typeof step === 'number' ? step : undefined;
}
