import { join } from 'node:path';
import * as z from 'zod';
import { namedSet } from '../data/disk/load-dataset.ts';
import type { Config } from '../train/config.ts';
import { configError } from '../train/config-error.ts';
import { type ConfigRequest, forkConfig, resolveConfig } from '../train/resolve-config.ts';
import type { ForkRequest, ResumeRequest, RunForm, StartRequest } from './api.ts';
import { Refusal } from './refusal.ts';
import type { CataloguedRun } from './run-catalogue.ts';
import type { DataAccess } from './run-data-access.ts';
import { checkpointsOf } from './run-files.ts';
import type { RunsFolder } from './runs-folder.ts';

/** What a request may ask for at most. */
export const limits: RunForm['limits'] = { steps: 10_000_000, nameLength: 64, settings: 64, running: 4 };

const MOST_VALUE_CHARACTERS = 20_000;

const steps = z.int().min(1).max(limits.steps);
const settings = z.record(z.string(), z.json());
const name = z
  .string()
  .max(limits.nameLength)
  .regex(/^[A-Za-z0-9][\w.-]*$/, { error: 'must be letters, digits, dots, dashes and underscores' });
const common = {
  set: z.exactOptional(settings),
  steps: z.exactOptional(steps),
  seed: z.exactOptional(
    z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  ),
  name: z.exactOptional(name),
};

const startSchema: z.ZodType<StartRequest> = z.strictObject({
  data: z.string().min(1).max(255),
  preset: z.exactOptional(z.string().max(100)),
  batch: z.exactOptional(z.int().min(1).max(65_536)),
  ...common,
});
const resumeSchema: z.ZodType<ResumeRequest> = z.strictObject({ steps: z.exactOptional(steps) });
const forkSchema: z.ZodType<ForkRequest> = z.strictObject({
  step: z.exactOptional(z.int().min(0)),
  ...common,
});

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const { data, error } = schema.safeParse(body);
  if (!error) return data;
  throw configError('request', error.issues[0]!, body);
}

/** A training that the command line is to be started for. */
export interface TrainingOrder {
  /** The name of the run's folder. */
  readonly id: string;
  /** What follows `zerosum`. No shell sees it. */
  readonly argv: readonly string[];
}

/** Settings as the command line takes them. One text each: whatever a value begins with, it is no flag. */
function assignments(set: StartRequest['set'] = {}): string[] {
  const entries = Object.entries(set);
  if (entries.length > limits.settings)
    throw new Refusal(413, `set: must be at most ${limits.settings} settings, got ${entries.length}`);
  return entries.map(([path, value]) => {
    if (!/^[A-Za-z][\w.[\]-]{0,200}$/.test(path))
      throw new Refusal(
        400,
        `set: ${JSON.stringify(path.slice(0, 80))} must be a key path, such as generator.optimiser.name`,
      );
    const text = JSON.stringify(value);
    if (text.length > MOST_VALUE_CHARACTERS)
      throw new Refusal(
        413,
        `set: ${path} must have at most ${MOST_VALUE_CHARACTERS} characters, got ${text.length}`,
      );
    return `${path}=${text}`;
  });
}

const flag = (name: string, value: number | undefined): string[] =>
  value === undefined ? [] : [`--${name}=${value}`];

/** What is not there where the request does not say it. */
function given<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** @throws Refusal where a config reads from places that no request may name */
async function requireOwnSources(config: Config, data: string, folder: RunsFolder): Promise<string[]> {
  if (config.data !== data)
    throw new Refusal(400, `set: data must be chosen by its name in the form, got ${config.data}`);
  if (config.dataDir !== undefined)
    throw new Refusal(
      400,
      'set: dataDir must be left to whoever starts the server (ZEROSUM_DATA), got a folder',
    );
  if (config.pretrained === undefined) return [];
  // By its name: the command line would take a path as well.
  const path = await folder.folderOf(config.pretrained);
  return [`--set=pretrained=${JSON.stringify(path)}`];
}

/**
 * `zerosum train` for a request: everything is checked that can be without opening the data, by the schema that the command
 * line checks it with.
 *
 * @throws ConfigError or Refusal where the request cannot be met
 */
export async function startOrder(
  body: unknown,
  folder: RunsFolder,
  access: DataAccess,
): Promise<TrainingOrder> {
  const request = parse(startSchema, body);
  const { steps: stop, seed, batch } = request;
  const { data, kind } = access.nameOrPath(request.data);
  if (kind === 'named') namedSet(data);
  else if (request.preset === undefined)
    throw new Refusal(400, `preset: must be named for data of your own, got none for ${request.data}`);
  const set = assignments(request.set);
  const config = resolveConfig({
    preset: request.preset,
    set,
    flags: { data, ...given({ steps: stop, seed, batch }) },
  });
  const sources = await requireOwnSources(config, data, folder);
  const id = request.name ?? (await freeName(folder, config.preset));
  const argv = [
    'train',
    `--preset=${config.preset}`,
    `--out=${await vacantPath(folder, id)}`,
    ...flag('steps', stop),
    ...flag('seed', seed),
    ...flag('batch', batch),
    ...set.map((assignment) => `--set=${assignment}`),
    ...sources,
    '--',
    data,
  ];
  return { id, argv };
}

/** `zerosum train --resume` for a request. @throws ConfigError or Refusal where the run has nothing left to do */
export function resumeOrder(body: unknown, { id, path, summary }: CataloguedRun): TrainingOrder {
  const { steps: stop } = parse(resumeSchema, body);
  const last = stop ?? summary.steps;
  if (last !== undefined && summary.step >= last)
    throw new Refusal(
      409,
      `resume: ${id} must have steps left, got step ${summary.step} of ${last}. Give a later step to stop at`,
    );
  return { id, argv: ['train', '--resume', `--out=${path}`, ...flag('steps', stop)] };
}

/** `zerosum train --from` for a request. @throws ConfigError or Refusal where there is no such checkpoint, or it does not fit */
export async function forkOrder(
  body: unknown,
  run: CataloguedRun,
  folder: RunsFolder,
): Promise<TrainingOrder> {
  const request = parse(forkSchema, body);
  const { steps: stop, seed } = request;
  const checkpoints = checkpointsOf(run.path, run.files);
  const step = request.step ?? checkpoints.at(-1);
  if (step === undefined || !checkpoints.includes(step))
    throw new Refusal(
      404,
      `fork: ${run.id} must have a checkpoint of step ${step ?? 'any'}, got those of ${checkpoints.join(', ') || 'none'}`,
    );
  const set = assignments(request.set);
  const asked: ConfigRequest = { set, flags: given({ steps: stop, seed }) };
  const config = forkConfig(run.record.config, asked);
  if (config.dataDir !== run.record.config.dataDir)
    throw new Refusal(
      400,
      'set: dataDir must be left to whoever starts the server (ZEROSUM_DATA), got a folder',
    );
  if (config.steps !== undefined && config.steps <= step)
    throw new Refusal(400, `steps: must lie behind the checkpoint at step ${step}, got ${config.steps}`);
  const id = request.name ?? (await freeName(folder, config.preset));
  const argv = [
    'train',
    `--from=${run.path}`,
    `--checkpoint=${step}`,
    `--out=${await vacantPath(folder, id)}`,
    ...flag('steps', stop),
    ...flag('seed', seed),
    ...set.map((assignment) => `--set=${assignment}`),
  ];
  return { id, argv };
}

/** `<preset>-<n>` with the first free n, as the command line numbers runs. */
async function freeName(folder: RunsFolder, preset: string): Promise<string> {
  for (let n = 1; ; n++) if (folder.statOf(`${preset}-${n}`, '.') === undefined) return `${preset}-${n}`;
}

/** @throws Refusal where something is there */
async function vacantPath(folder: RunsFolder, id: string): Promise<string> {
  if (folder.only !== undefined)
    throw new Refusal(
      409,
      `watch: one run alone is shown, so no other can be started. Start zerosum watch with the folder of runs, ${folder.root}`,
    );
  const path = folder.pathOf(id);
  if (folder.statOf(id, '.') !== undefined)
    throw new Refusal(409, `name: must be free, got ${id}, which is there. Choose another one`);
  return join(path);
}
