import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Config } from '../train/config.ts';
import { presets } from '../train/presets.ts';
import { configDifferences } from '../train/resolve-config.ts';
import type { ConfigChange, RunDetail, RunFile, SampleFormat } from './api.ts';
import type { CataloguedRun } from './run-catalogue.ts';
import { checkpointsOf, fileUrl, sheetsOf } from './run-files.ts';
import { evaluationOf, evaluationsOf } from './run-summary.ts';

/** More files than a page lists. */
const MOST_FILES = 500;

/** Everything that a page shows of one run, but its curves. */
export function runDetail(run: CataloguedRun, dataRefused: string | undefined): RunDetail {
  const { id, path, files, record, summary, scan } = run;
  const checkpoints = checkpointsOf(path, files);
  const evaluation = evaluationOf(path, files);
  const configDiff = presetChanges(record.config);
  const newest = checkpoints.at(-1);
  return {
    summary,
    ...(configDiff ? { configDiff } : {}),
    config: { ...record.config },
    versions: record.versions,
    findings: scan.findings,
    sheets: sheetsOf(path, files).map(({ step, name }) => ({
      step,
      url: fileUrl(
        id,
        `samples/${name}`,
        lstatSync(join(path, 'samples', name), { throwIfNoEntry: false })?.mtimeMs,
      ),
    })),
    evaluations: evaluationsOf(path, files),
    ...(evaluation ? { evaluation } : {}),
    checkpoints,
    files: filesIn(id, path),
    hasReport: files['report.html'] !== undefined,
    ...(newest === undefined
      ? {}
      : { generator: `/api/runs/${encodeURIComponent(id)}/generator?step=${newest}` }),
    sampleFormat: sampleFormat(run),
    ...(dataRefused === undefined ? {} : { dataRefused }),
  };
}

/** The settings that a config has otherwise than its preset; undefined where there is no such preset. */
function presetChanges(config: Config): readonly ConfigChange[] | undefined {
  const preset = Object.hasOwn(presets, config.preset) ? presets[config.preset] : undefined;
  if (!preset) return undefined;
  return configDifferences({ ...preset.config, preset: config.preset }, config).map(
    ({ path, saved, requested }) => ({
      path,
      ...(saved === undefined ? {} : { preset: saved }),
      ...(requested === undefined ? {} : { value: requested }),
    }),
  );
}

function sampleFormat({ record: { config, dataset } }: CataloguedRun): SampleFormat {
  const { kind, exampleShape, classes, classNames, table } = dataset;
  const labelled = config.labels !== undefined && classes !== undefined;
  return {
    kind,
    shape: exampleShape,
    latent: config.latent,
    latentDim: config.latentDim,
    ...(labelled ? { classes } : {}),
    ...(labelled && classNames ? { classNames } : {}),
    ...(table ? { table } : {}),
  };
}

/** The regular files of a run, but for hidden ones and the lock, in the order of their paths. */
function filesIn(id: string, path: string): RunFile[] {
  const found: RunFile[] = [];
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (found.length >= MOST_FILES) return;
      if (entry.name.startsWith('.') || entry.name === 'run.lock') continue;
      const whole = join(folder, entry.name);
      if (entry.isDirectory() && folder === path) look(whole);
      const stats = entry.isFile() ? lstatSync(whole, { throwIfNoEntry: false }) : undefined;
      if (!stats) continue;
      const name = relative(path, whole).split(sep).join('/');
      found.push({ path: name, bytes: stats.size, url: fileUrl(id, name, stats.mtimeMs) });
    }
  };
  look(path);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
