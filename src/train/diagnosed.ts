import { minibatches } from '../data/minibatches.ts';
import { Diagnosis, type DiagnosisEvent, nonFiniteFinding } from './diagnosis.ts';
import { NonFiniteError } from './non-finite.ts';
import { sheetSpread } from './sheet-spread.ts';
import type { TrainEvent, TrainOptions } from './trainer.ts';

/**
 * The events of a training with what goes wrong in it: `diagnosed(train(options), options)` tells a finding right after the
 * event that shows it, and a failure because of NaN or infinity before it throws. Collapse and plateaus show in sheets of
 * samples, so `sampleEvery` must be set for them, to at most 500 steps to be told soon.
 *
 * Of a training that resumes a checkpoint it knows nothing before: it needs 500 steps and some sheets to find anything.
 *
 * @param options - the ones that `train` was given
 */
export async function* diagnosed(
  events: AsyncIterable<TrainEvent>,
  options: TrainOptions,
): AsyncGenerator<TrainEvent | DiagnosisEvent, void, undefined> {
  const { game, seed = 1 } = options;
  const batches =
    options.minibatches ?? minibatches(options.dataset, { batch: game.batch, k: game.k ?? 1, seed });
  const diagnosis = new Diagnosis(game);
  const spreadOf = sheetSpread(game, batches);
  try {
    for await (const event of events) {
      yield event;
      if (event.type === 'metrics') {
        for (const row of event.rows)
          for (const finding of diagnosis.step(row)) yield { type: 'diagnosis', ...finding };
      } else if (event.type === 'samples') {
        const spread = spreadOf(event.samples);
        if (!spread) continue;
        for (const finding of diagnosis.sheet({ step: event.step, ...spread }))
          yield { type: 'diagnosis', ...finding };
      }
    }
  } catch (error) {
    if (error instanceof NonFiniteError) yield { type: 'diagnosis', ...nonFiniteFinding(error) };
    throw error;
  }
}
