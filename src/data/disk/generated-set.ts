import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import type { Tensor, Tensors } from '../../graph/tensor.ts';
import { decodeSafetensors, encodeSafetensors } from '../../io/safetensors.ts';
import type { ExampleSet, FiniteDataset } from '../dataset.ts';
import { fingerprint } from '../fingerprint.ts';
import { cacheFolder } from './cache-folder.ts';
import type { LoadOptions } from './load-options.ts';
import { readFileIfAny } from './read-file.ts';

/** Labelled grey images that are drawn in code, which takes seconds, and kept in the cache from then on. */
export interface GeneratedSet {
  readonly source: 'code';
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly exampleShape: readonly [channels: number, height: number, width: number];
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  readonly classes: readonly string[];
  /** Changes whenever `generate` gives other examples; part of the cached file's name. */
  readonly version: string;
  readonly generate: () => Pick<FiniteDataset, 'train' | 'validation' | 'test'>;
}

type Parts = ReturnType<GeneratedSet['generate']>;

/** The file that `set` is kept in. */
export function generatedSetPath(set: GeneratedSet, cacheDir: string = cacheFolder()): string {
  return join(cacheDir, `${set.name}-${set.version}.safetensors`);
}

async function datasetOf(set: GeneratedSet, { train, validation, test }: Parts): Promise<FiniteDataset> {
  const { name, exampleShape, classes } = set;
  const content = { kind: 'images' as const, name, exampleShape, train, validation, test, classes };
  return { ...content, fingerprint: await fingerprint(content) };
}

function encode(dataset: FiniteDataset): Uint8Array {
  const { train, validation, test, exampleShape } = dataset;
  const tensor = (shape: readonly number[], data: ExampleSet['examples'] | undefined) =>
    ({ dtype: 'uint8', shape, data }) as Tensor<'uint8'>;
  const tensors = Object.entries({ train, validation, test }).flatMap(
    ([part, { count, examples, labels }]) => [
      [`${part}.examples`, tensor([count, ...exampleShape], examples)] as const,
      [`${part}.labels`, tensor([count], labels)] as const,
    ],
  );
  return encodeSafetensors(Object.fromEntries(tensors), { fingerprint: dataset.fingerprint });
}

function decodePart(tensors: Tensors, part: string): ExampleSet {
  const examples = tensors[`${part}.examples`];
  const labels = tensors[`${part}.labels`];
  if (!examples || !labels)
    throw new DataError(`loadDataset: a cached set must have the part ${part}, got none`);
  return {
    count: labels.data.length,
    examples: examples.data as Uint8Array,
    labels: labels.data as Uint8Array,
  };
}

async function decode(bytes: Uint8Array, set: GeneratedSet): Promise<FiniteDataset> {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const part = (name: string) => decodePart(tensors, name);
  const dataset = await datasetOf(set, {
    train: part('train'),
    validation: part('validation'),
    test: part('test'),
  });
  if (dataset.fingerprint !== metadata['fingerprint']) {
    throw new DataError(
      `loadDataset: a cached set must have its fingerprint, ${metadata['fingerprint']}, got ${dataset.fingerprint}`,
    );
  }
  return dataset;
}

/** Reads the cached file of `set`, whole or not at all. Undefined where there is none; throws DataError if it is damaged. */
export async function readGeneratedSet(
  set: GeneratedSet,
  cacheDir?: string,
): Promise<FiniteDataset | undefined> {
  const bytes = await readFileIfAny(generatedSetPath(set, cacheDir));
  return bytes && decode(bytes, set);
}

/**
 * A set that is drawn in code: from the cache, else drawn and put there. A damaged file is replaced. Where the cache
 * cannot be written, the set is drawn each time and a notice says so.
 */
export async function loadGeneratedSet(set: GeneratedSet, options: LoadOptions = {}): Promise<FiniteDataset> {
  const { cacheDir = cacheFolder(), onProgress } = options;
  const notice = (message: string) => onProgress?.({ kind: 'notice', message });
  const path = generatedSetPath(set, cacheDir);
  try {
    const cached = await readGeneratedSet(set, cacheDir);
    if (cached) return cached;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    notice(`${path} is damaged and is drawn again: ${error.message}`);
  }
  notice(`drawing ${set.name} once, to be kept in ${path}`);
  const dataset = await datasetOf(set, set.generate());

  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(cacheDir, { recursive: true });
    await writeFile(temporary, encode(dataset));
    await rename(temporary, path);
  } catch (error) {
    notice(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code}): ${set.name} will be drawn again`,
    );
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  return dataset;
}
