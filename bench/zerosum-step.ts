/**
 * zerosum's side: the real trainer with its default cadences, metrics on, in its worker thread; minibatches, noise and
 * masks are drawn on the main thread meanwhile, as in `zerosum train`.
 */
import { minibatches } from '../src/data/minibatches.ts';
import { initialVariables } from '../src/gan/game.ts';
import { parameterCount } from '../src/nn/summary.ts';
import { onnxRuntimeVersion } from '../src/runtime/node-machine.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { sampleProgram } from '../src/train/programs.ts';
import { sheetLatent } from '../src/train/sheet-latent.ts';
import { train } from '../src/train/trainer.ts';
import { colourNoise, dcganGame } from './dcgan-game.ts';
import { paperGame } from './paper-game.ts';
import { pictures } from './pictures.ts';
import { type Engine, type StepOptions, serve } from './protocol.ts';

await serve(open);

async function open(options: StepOptions): Promise<Engine> {
  const dataset = options.network === 'paper' ? await pictures() : await colourNoise(options);
  const game = (options.network === 'paper' ? paperGame : dcganGame)(options, dataset);
  const session = await openSession({ device: 'cpu', threads: options.threads });
  const ready = {
    engine: `zerosum (ONNX Runtime ${onnxRuntimeVersion()})`,
    threads: session.threads,
    parameters: parameterCount(game.generator.network) + parameterCount(game.discriminator.network),
    note: '',
  };
  if (options.mode === 'sample') {
    const variables = initialVariables(game, 1);
    await session.compile(sampleProgram(game, variables, false));
    await session.writeState(variables);
    return {
      ready,
      run: async (iterations) => {
        for (let i = 0; i < iterations; i++)
          await session.run('sample', { z: sheetLatent(game, i, options.batch) });
        return {};
      },
    };
  }
  const batches = minibatches(dataset, { batch: options.batch, seed: 1 });
  const events = train({ game, minibatches: batches, session, seed: 1, steps: 1_000_000 });
  return {
    ready,
    run: async (asked) => {
      let last: Readonly<Record<string, number>> = {};
      // Whole chunks: training stands still at the end of one, until the next event is asked for.
      let iterations = 0;
      while (iterations < asked) {
        const { value: event } = await events.next();
        if (event?.type !== 'metrics') continue;
        iterations += event.rows.length;
        last = event.rows.at(-1)!;
      }
      return { iterations, lossD: last['lossD']!, lossG: last['lossG']! };
    },
  };
}
