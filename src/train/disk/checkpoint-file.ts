import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConfigError, DataError } from '../../errors.ts';
import type { Tensors } from '../../graph/tensor.ts';
import { decodeSafetensors, safetensorsPieces } from '../../io/safetensors.ts';
import { fileError } from './file-error.ts';
import { replaceFile } from './replace-file.ts';

/** A training state as it stood after `step` iterations. */
export interface Checkpoint {
  readonly step: number;
  readonly tensors: Tensors;
  /** What the writer said about the state, besides the step. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The file name of the checkpoint of a step. */
export function checkpointName(step: number): string {
  return `step-${step}.safetensors`;
}

/** The step of a checkpoint's file name; undefined for any other name. */
export function checkpointStep(name: string): number | undefined {
  const digits = /^step-(0|[1-9]\d*)\.safetensors$/.exec(basename(name))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

// The checksum stands in the file's own metadata, so that the file travels alone and stays a safetensors file for any
// reader: SHA-256 over every byte of the file, with the digits of the checksum itself taken as zeros.
const checksumKey = 'sha256';
const unset = '0'.repeat(64);
const marker = `"${checksumKey}":"`;

/** Where the 64 digits of the checksum stand, or -1; inside the header, so that no tensor's bytes are taken for it. */
function checksumPosition(bytes: Buffer): number {
  if (bytes.length < 8) return -1;
  const headerEnd = 8n + bytes.readBigUInt64LE(0);
  if (headerEnd > BigInt(bytes.length)) return -1;
  const at = bytes.subarray(0, Number(headerEnd)).indexOf(marker, 8, 'latin1');
  const position = at + marker.length;
  return at < 0 || position + unset.length > Number(headerEnd) ? -1 : position;
}

/**
 * SHA-256 in hex of a file in pieces, with zeros for the checksum at `position` of the first; in slices, to leave room for
 * other work.
 */
async function checksum(first: Buffer, position: number, rest: readonly Uint8Array[] = []): Promise<string> {
  const sliceBytes = 2 ** 20;
  const hash = createHash('sha256').update(first.subarray(0, position)).update(unset, 'latin1');
  for (const piece of [first.subarray(position + unset.length), ...rest])
    for (let at = 0; at < piece.length; at += sliceBytes) {
      hash.update(piece.subarray(at, at + sliceBytes));
      await nextTurn();
    }
  return hash.digest('hex');
}

/** What `replaceFile` writes as it comes. */
async function* inTurn(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/**
 * Writes `step-N.safetensors` into a folder, so that a kill or a full disk at any moment leaves the checkpoints that
 * were there. The bytes depend on step, tensors and metadata only.
 *
 * @param metadata - what decides the state: hash of the config, fingerprint of the data. Default none
 * @returns the path of the file
 * @throws DataError where the file cannot be written; ConfigError where metadata has a key `step` or `sha256`
 */
export async function writeCheckpoint(
  folder: string,
  step: number,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  for (const key of ['step', checksumKey])
    if (key in metadata)
      throw new ConfigError(`writeCheckpoint: metadata must leave the key ${key} free, got ${metadata[key]}`);
  // In pieces: the file of a large network would be a gigabyte beside the gigabyte of its tensors.
  const pieces = safetensorsPieces(tensors, { ...metadata, step: String(step), [checksumKey]: unset });
  const [head, ...rest] = pieces as [Uint8Array, ...Uint8Array[]];
  const header = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const position = checksumPosition(header);
  header.write(await checksum(header, position, rest), position, 'latin1');
  const path = join(folder, checkpointName(step));
  await replaceFile('writeCheckpoint', path, inTurn([header, ...rest]));
  return path;
}

/**
 * Reads a checkpoint and proves it whole: a cut anywhere and a changed bit anywhere are found.
 *
 * @throws DataError where the file is damaged, cannot be read, or is not the checkpoint that its name says
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(`readCheckpoint: ${path} must be readable`, error);
  });
  const position = checksumPosition(bytes);
  if (position < 0)
    throw new DataError(
      `readCheckpoint: ${path} must be a checkpoint with a checksum in its header, got ${bytes.length} bytes without. It was cut or damaged`,
    );
  const found = await checksum(bytes, position);
  const expected = bytes.toString('latin1', position, position + unset.length);
  if (found !== expected)
    throw new DataError(
      `readCheckpoint: ${path} must have the SHA-256 of its header, ${expected.slice(0, 12)}…, got ${found.slice(0, 12)}… over ${bytes.length} bytes. It was cut or damaged`,
    );
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { step, [checksumKey]: _, ...rest } = metadata;
  if (step === undefined || checkpointStep(path) !== Number(step))
    throw new DataError(
      `readCheckpoint: ${path} must hold the step of its name, got step ${step}. Give it its name back`,
    );
  return { step: Number(step), tensors, metadata: rest };
}
