import { Hono } from 'hono';
import { configFileJsonSchema } from '../train/config-json-schema.ts';
import { presets } from '../train/presets.ts';
import type { RunForm, Started } from './api.ts';
import { jsonBody } from './request-parameters.ts';
import type { RunCatalogue } from './run-catalogue.ts';
import { asTyped, type DataAccess } from './run-data-access.ts';
import type { RunsFolder } from './runs-folder.ts';
import { forkOrder, limits, resumeOrder, startOrder } from './start-request.ts';
import type { TrainingLauncher } from './training-launcher.ts';

/** A request of 64 settings is a tenth of this. */
const BODY_BYTES = 256 * 1024;

/** What starting and stopping runs takes. */
export interface TrainingRoutes {
  readonly catalogue: RunCatalogue;
  readonly launcher: TrainingLauncher;
  readonly access: DataAccess;
}

/** 202 where the process still prepares. */
const statusOf = ({ state }: Started): 201 | 202 => (state === 'starting' ? 202 : 201);

/** Starting, stopping, resuming and forking: what the command line can do, and nothing else. */
export function trainingRoutes({ catalogue, launcher, access }: TrainingRoutes): Hono {
  return new Hono()
    .post('/', async (context) => {
      const order = await startOrder(await jsonBody(context, BODY_BYTES), catalogue.folder, access);
      const started = await launcher.start(order);
      return context.json(started, statusOf(started));
    })
    .post('/:id/stop', async (context) => context.json(await launcher.stop(context.req.param('id')), 202))
    .post('/:id/resume', async (context) => {
      const body = await jsonBody(context, BODY_BYTES);
      const started = await launcher.start(resumeOrder(body, await catalogue.find(context.req.param('id'))));
      return context.json(started, statusOf(started));
    })
    .post('/:id/fork', async (context) => {
      const body = await jsonBody(context, BODY_BYTES);
      const run = await catalogue.find(context.req.param('id'));
      const started = await launcher.start(await forkOrder(body, run, catalogue.folder));
      return context.json(started, statusOf(started));
    });
}

/** `GET /api/form`: the same for as long as the server runs. */
export function formRoutes(access: DataAccess, { root }: RunsFolder): Hono {
  const form: RunForm = {
    schema: configFileJsonSchema(),
    presets: Object.entries(presets).map(([name, { description, config }]) => ({
      name,
      description,
      config: { ...config },
    })),
    data: access.choices,
    runs: asTyped(root).replace(/^\.\//, ''),
    limits,
  };
  const text = JSON.stringify(form);
  return new Hono().get('/', (context) => context.body(text, 200, { 'Content-Type': 'application/json' }));
}
