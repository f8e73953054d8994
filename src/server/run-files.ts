import type { Stats } from 'node:fs';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointStep } from '../train/disk/checkpoint-file.ts';
import type { RunsFolder } from './runs-folder.ts';

/** The parts of a run that are looked at. */
const parts = [
  'config.json',
  'metrics.jsonl',
  'timing.jsonl',
  'evaluations.jsonl',
  'evaluation.json',
  'report.html',
  'progress.gif',
  'samples',
  'checkpoints',
  'run.lock',
] as const;

type Part = (typeof parts)[number];

/** What lies in a run folder: its parts with size and time of change; links are left out. */
export type RunFiles = Readonly<Partial<Record<Part, Stats>>>;

/** Looks at the parts of a run. */
export function runFiles(folder: RunsFolder, id: string): RunFiles {
  const found: Partial<Record<Part, Stats>> = {};
  for (const part of parts) {
    const stats = folder.statOf(id, part);
    if (stats && stats.isDirectory() === (part === 'samples' || part === 'checkpoints')) found[part] = stats;
  }
  return found;
}

/** A text that changes when a part of the run does. */
export function signatureOf(files: RunFiles): string {
  return parts.map((part) => `${files[part]?.mtimeMs ?? ''}/${files[part]?.size ?? ''}`).join(' ');
}

/** When something of a run last changed, in milliseconds since 1970. */
export function lastChange(files: RunFiles): number {
  return Math.max(0, ...Object.values(files).map(({ mtimeMs }) => mtimeMs));
}

const namesIn = (path: string, part: Stats | undefined): string[] => {
  if (!part) return [];
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** The steps of which a run has a checkpoint, ascending. */
export function checkpointsOf(path: string, files: RunFiles): number[] {
  return namesIn(join(path, 'checkpoints'), files.checkpoints)
    .map(checkpointStep)
    .filter((step) => step !== undefined)
    .sort((a, b) => a - b);
}

/** The steps of which a run has a sheet of samples, with the names of the files, ascending. */
export function sheetsOf(path: string, files: RunFiles): { readonly step: number; readonly name: string }[] {
  return namesIn(join(path, 'samples'), files.samples)
    .flatMap((name) => {
      const digits = /^step-(\d{8,15})\.png$/.exec(name)?.[1];
      return digits === undefined ? [] : [{ step: Number(digits), name }];
    })
    .sort((a, b) => a.step - b.step);
}

/** The address of a file of a run. */
export function fileUrl(id: string, path: string, version?: number): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  const suffix = version === undefined ? '' : `?v=${Math.round(version)}`;
  return `/api/runs/${encodeURIComponent(id)}/files/${escaped}${suffix}`;
}
