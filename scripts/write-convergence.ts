/**
 * Writes docs/convergence.md from docs/convergence.json; with `--measure` it first computes what is missing there.
 *
 *     npx tsx scripts/write-convergence.ts
 *     npx tsx scripts/write-convergence.ts --measure [--sets ring8,grid25] [--only R1,WGAN] [--minutes 60]
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { objectives, type PointSet } from './convergence-objectives.ts';
import { convergencePage, readResults, resultKey, resultsFile, SEEDS } from './convergence-page.ts';
import { type Convergence, measureConvergence } from './measure-convergence.ts';

const { values } = parseArgs({
  options: {
    measure: { type: 'boolean', default: false },
    sets: { type: 'string', default: 'ring8,grid25' },
    only: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});

const end = performance.now() + 60_000 * Number(values.minutes);
const only = values.only?.split(',');
const results: Record<string, Convergence> = { ...readResults() };

async function measure(): Promise<void> {
  for (const set of values.sets.split(',') as PointSet[])
    for (const seed of SEEDS)
      for (const objective of objectives) {
        const key = resultKey(set, objective, seed);
        if (key in results || (only && !only.includes(objective.name))) continue;
        if (performance.now() > end) return;
        results[key] = await measureConvergence(objective, set, seed);
        console.log(`${key}: ${JSON.stringify(results[key])}`);
        write();
      }
}

function write(): void {
  const sorted = Object.fromEntries(Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(resultsFile, `${JSON.stringify(sorted, undefined, 2)}\n`);
  writeFileSync(fileURLToPath(new URL('../docs/convergence.md', import.meta.url)), convergencePage(sorted));
}

if (values.measure) await measure();
write();
