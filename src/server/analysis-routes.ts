import { Hono } from 'hono';
import { jsonBody, wholeNumber } from './request-parameters.ts';
import type { RunAnalysis } from './run-analysis.ts';
import type { RunCatalogue } from './run-catalogue.ts';

/** A colour image of 256 x 256 pixels, ten digits each. */
const SAMPLE_BYTES = 4 * 2 ** 20;

const anyStep = { least: 0, most: Number.MAX_SAFE_INTEGER };

/** What is computed from a run's checkpoints. */
export function analysisRoutes(catalogue: RunCatalogue, analysis: RunAnalysis): Hono {
  return new Hono()
    .get('/:id/histograms', async (context) => {
      const run = await catalogue.find(context.req.param('id'));
      return context.json(await analysis.histogram(run, wholeNumber(context, 'step', anyStep)));
    })
    .get('/:id/generator', async (context) => {
      const run = await catalogue.find(context.req.param('id'));
      const { step, model } = await analysis.generator(run, wholeNumber(context, 'step', anyStep));
      return context.body(model, 200, { 'Content-Type': 'application/octet-stream', 'X-Step': String(step) });
    })
    .post('/:id/nearest', async (context) => {
      const { sample } = await jsonBody(context, SAMPLE_BYTES);
      return context.json(await analysis.nearest(await catalogue.find(context.req.param('id')), sample));
    });
}
