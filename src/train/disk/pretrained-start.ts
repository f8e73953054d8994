import { ConfigError, DataError } from '../../errors.ts';
import { type Game, initialVariables } from '../../gan/game.ts';
import type { Config } from '../config.ts';
import { withPretrained } from '../pretrained.ts';
import type { TrainOptions } from '../trainer.ts';
import { readTrainedGenerator } from './trained-generator.ts';

/**
 * Where a run begins whose last layers are another run's generator; undefined where all weights start at random.
 *
 * @throws ConfigError where there is no such run, it has no good checkpoint, or its layers are not those at the end of the
 *   game's generator
 */
export async function pretrainedStart(
  { pretrained, seed }: Config,
  game: Game,
): Promise<TrainOptions['resume'] | undefined> {
  if (pretrained === undefined) return undefined;
  let trained: Awaited<ReturnType<typeof readTrainedGenerator>>;
  try {
    trained = await readTrainedGenerator(pretrained);
  } catch (cause) {
    if (!(cause instanceof ConfigError || cause instanceof DataError)) throw cause;
    throw new ConfigError(
      `pretrained: ${cause.message}. Train that run first, name another one (--set pretrained=RUN), or start without (--set pretrained=null)`,
      { cause },
    );
  }
  const variables = withPretrained(game, initialVariables(game, seed), { ...trained, source: pretrained });
  return { step: 0, variables, owned: true };
}
