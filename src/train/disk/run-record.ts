import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DataError } from '../../errors.ts';
import type { Config } from '../config.ts';
import { configError } from '../config-error.ts';
import type { DatasetFacts } from '../dataset-facts.ts';
import { fromOlderConfig } from '../older-config.ts';
import { parseConfig, trainingIdentity } from '../resolve-config.ts';
import { fileError, systemCode } from './file-error.ts';
import { replaceFile } from './replace-file.ts';

/**
 * The format of run folders that this version writes, and the only one so far that it reads. Raised when a file of the
 * folder changes in a way that an older version would misread.
 */
const formatVersion = 1;

/** What `config.json` says of a run: everything resolved. */
export interface RunRecord {
  readonly config: Config;
  /** What the run learns: enough to sample from it without the data, and to prove on resuming that it is the same. */
  readonly dataset: Omit<DatasetFacts, 'meanPixels'> & {
    readonly fingerprint: string;
    /** How many examples are trained on; absent of a density, and in runs of versions that did not count. */
    readonly trainingExamples?: number;
  };
  /** Versions of what made the run: zerosum, node, onnxruntime. */
  readonly versions: Readonly<Record<string, string>>;
  /** The run that this one was at first, by the name of its folder, and up to which step. Absent: it began at step 0. */
  readonly forkedFrom?: { readonly run: string; readonly step: number };
}

const column = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('numeric'),
    name: z.string(),
    mean: z.number(),
    deviation: z.number().positive(),
    minimum: z.number(),
    maximum: z.number(),
    decimals: z.int().min(0),
  }),
  z.object({ kind: z.literal('categorical'), name: z.string(), categories: z.array(z.string()).min(2) }),
  z.object({ kind: z.literal('constant'), name: z.string(), value: z.string() }),
]);

const provenance = z.object({
  formatVersion: z.literal(formatVersion),
  dataset: z.object({
    name: z.string(),
    kind: z.enum(['images', 'points']),
    exampleShape: z.array(z.int().min(0)),
    dtype: z.enum(['uint8', 'float32']),
    classes: z.exactOptional(z.int().min(1)),
    classNames: z.exactOptional(z.array(z.string()).min(1)),
    table: z.exactOptional(z.object({ columns: z.array(column) })),
    fingerprint: z.string(),
    trainingExamples: z.exactOptional(z.int().min(0)),
  }),
  versions: z.record(z.string(), z.string()),
  forkedFrom: z.exactOptional(z.object({ run: z.string(), step: z.int().min(0) })),
});

/**
 * Writes `config.json`: the keys of the config at the top level, where scripts look for them and `--config` takes them
 * again, and beside them the provenance.
 *
 * @throws DataError where it cannot be written; the old one is then untouched
 */
export async function writeRecord(folder: string, { config, ...rest }: RunRecord): Promise<void> {
  const { versions, dataset, forkedFrom } = rest;
  // A key that is undefined is left out of JSON.
  const content = JSON.stringify({ formatVersion, versions, forkedFrom, dataset, ...config }, undefined, 2);
  await replaceFile('writeRecord', join(folder, 'config.json'), `${content}\n`);
}

function parseJson(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const got = `${Buffer.byteLength(text)} bytes that are not: ${(cause as Error).message}`;
    throw new DataError(`readRecord: ${path} must hold whole JSON, got ${got}. The file was cut or damaged`, {
      cause,
    });
  }
  if (typeof value === 'object' && value !== null && 'formatVersion' in value)
    return value as Record<string, unknown>;
  throw new DataError(
    `readRecord: ${path} must have a formatVersion, got none. It is not the config.json of a run`,
  );
}

/**
 * The record of a run; undefined where the folder has no `config.json`.
 *
 * @throws DataError where the file is cut, is not of a run, or belongs to another version of the format
 */
export async function readRecord(folder: string): Promise<RunRecord | undefined> {
  const path = join(folder, 'config.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileError(`readRecord: ${path} must be readable`, error);
  }
  const json = parseJson(path, text);
  const version = json['formatVersion'];
  if (version !== formatVersion) {
    const newer = typeof version === 'number' && version > formatVersion;
    const advice = newer ? 'Update zerosum' : 'Use the version that wrote it, or start a new run';
    const wrote = Object(json['versions'])['zerosum'] ?? 'an unknown version';
    throw new DataError(
      `readRecord: ${path} must have format version ${formatVersion}, got ${JSON.stringify(version)} (written by zerosum ${wrote}). ${advice}`,
    );
  }
  const { formatVersion: _, dataset, versions, forkedFrom, ...rest } = json;
  const origin = forkedFrom === undefined ? {} : { forkedFrom };
  const parsed = provenance.safeParse({ formatVersion, dataset, versions, ...origin });
  try {
    if (!parsed.success) throw configError(`readRecord: ${path}`, parsed.error.issues[0]!, json);
    const config = parseConfig(fromOlderConfig(rest), `readRecord: ${path}`);
    const { formatVersion: _, ...known } = parsed.data;
    return { config, ...known };
  } catch (cause) {
    throw new DataError((cause as Error).message, { cause });
  }
}

/** SHA-256 (hex) of `trainingIdentity`: equal for two configs that train alike, whatever they are called. */
export function configHash(config: Config): string {
  return createHash('sha256').update(trainingIdentity(config)).digest('hex');
}

/**
 * Refuses to continue a run on other data.
 *
 * @throws DataError naming both fingerprints
 */
export function requireSameData(
  record: RunRecord,
  dataset: { readonly name: string; readonly fingerprint: string },
): void {
  const saved = record.dataset;
  if (saved.fingerprint === dataset.fingerprint) return;
  throw new DataError(
    `resume: data ${saved.name} must be what the run was started on, with fingerprint ${saved.fingerprint.slice(0, 12)}…, got ${dataset.name} with ${dataset.fingerprint.slice(0, 12)}…. Restore the data, or start a new run`,
  );
}
