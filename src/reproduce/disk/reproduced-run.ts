import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { ExecutionError } from '../../errors.ts';
import { readLog } from '../../train/disk/json-lines.ts';
import type { ProgressEvaluation } from '../../train/disk/progress-evaluation.ts';
import type { RunPaths } from '../../train/disk/run-folder.ts';
import { runTraining } from '../../train/disk/training-run.ts';

/** A training that a figure or a table needs. */
export interface ReproducedRun {
  readonly folder: string;
  readonly preset: string;
  /** Named set or path. Default: the preset's own. */
  readonly data?: string | undefined;
  /** Settings over the preset, `key=value`. */
  readonly set?: readonly string[];
  /** Where to stop; default: where the preset says. */
  readonly stop?: { readonly steps?: number | undefined; readonly epochs?: number | undefined };
  readonly evaluation?: ProgressEvaluation;
  readonly dataDir?: string | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
  /** Told now and then, a line each. */
  readonly log: (line: string) => void;
}

/** Seconds between two lines of progress. */
const QUIET_SECONDS = 20;

/**
 * Trains a run in its folder, or goes on with the one that is there, until its last step: a reproduction that was stopped
 * goes on where it was.
 *
 * @throws ExecutionError where `signal` stopped it before the last step; as `runTraining`
 */
export async function reproducedRun({
  folder,
  preset,
  data,
  set = [],
  stop = {},
  evaluation,
  dataDir,
  threads,
  signal,
  onLoad,
  log,
}: ReproducedRun): Promise<void> {
  const given = { data, dataDir, threads, ...stop };
  const flags = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const goesOn = existsSync(join(folder, 'config.json'));
  const events = runTraining({
    ...(goesOn ? { resume: true } : { preset, set }),
    flags,
    out: folder,
    evaluation,
    signal,
    onLoad,
  });
  let steps = 0;
  let told = performance.now();
  for await (const event of events) {
    if (event.type === 'opened') {
      steps = event.steps;
      log(`${folder}: ${preset}, ${goesOn ? `from step ${event.resumedFrom ?? 0} ` : ''}to step ${steps}`);
    } else if (event.type === 'metrics' && performance.now() - told > QUIET_SECONDS * 1000) {
      told = performance.now();
      const { step, 'D(x)': real, 'D(G(z))': fake } = event.rows.at(-1)!;
      log(`step ${step}/${steps}  D(x) ${real!.toFixed(3)}  D(G(z)) ${fake!.toFixed(3)}`);
    } else if (event.type === 'evaluated') {
      const values = Object.entries(event.values).map(([name, value]) => `${name} ${value.toFixed(1)}`);
      log(`step ${event.step}/${steps}  ${values.join('  ')}`);
    } else if (event.type === 'diagnosis') {
      log(`step ${event.step}: ${event.sentence}`);
    } else if (event.type === 'stopped' && event.reason === 'aborted') {
      throw new ExecutionError(
        `reproduce: ${folder} must reach step ${steps}, got to ${event.step} before it was stopped. The same command goes on from there`,
      );
    }
  }
}

/** Seconds of training of a run, all its sessions together, without what was measured and written between. */
export async function trainingSeconds({ timing }: RunPaths): Promise<number> {
  return (await readLog(timing)).reduce((total, line) => total + Number(line['seconds']), 0);
}
