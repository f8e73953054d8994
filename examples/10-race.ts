// Which z, and which updates of D, bring a generator to all modes of a ring in the fewest steps and seconds?
// Run: npx tsx examples/10-race.ts [steps]
import {
  buildGame,
  datasetFacts,
  modeCoverage,
  openSession,
  resolveConfig,
  ring8,
  type TrainEvent,
  train,
} from 'zerosum';

const steps = Number(process.argv[2] ?? 7500);
const entrants: Readonly<Record<string, readonly string[]>> = {
  'preset ring8': [],
  'z on a sphere': ['latent=spherical'],
  'D learns only where it is behind': ['adaptiveK.margin=0.05'],
};

/** Whether all modes are found and nine of ten samples lie on one. */
function hasArrived({ samples }: TrainEvent & { type: 'samples' }): boolean {
  const { covered, total, highQualityFraction } = modeCoverage(samples.data, ring8.modes!);
  return covered === total && highQualityFraction >= 0.9;
}

for (const [name, set] of Object.entries(entrants)) {
  const game = buildGame(resolveConfig({ preset: 'ring8', set }), datasetFacts(ring8));
  // Steps are so small that a second thread would only wait.
  const session = await openSession({ threads: 1 });
  const training = train({ game, dataset: ring8, session, steps, sampleEvery: 250, sheetSize: 5000 });
  let seconds = 0;
  let arrived: number | undefined;
  for await (const event of training) {
    if (event.type === 'metrics') seconds += event.seconds;
    if (event.type !== 'samples' || !hasArrived(event)) continue;
    arrived = event.step;
    break;
  }
  const spent = `${seconds.toFixed(1)} s`;
  console.log(
    `${name}: ${arrived === undefined ? `not there after ${steps} steps` : `${arrived} steps`}, ${spent}`,
  );
  await session.release();
}
