/** Measures zerosum beside PyTorch, jax-js and TensorFlow.js in turns and writes the tables: bench/README.md. */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Measurement, measure } from './measure.ts';
import { machine, report, table } from './results.ts';
import { command, convolutionSuite, paperSuite, pythonWithTorch, type Scenario } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    convolutions: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    out: { type: 'string' },
    python: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(`usage: npx tsx bench/driver.ts [options]

  --convolutions   DCGAN steps instead of the paper's (bench/convolutions.md)
  --quick          under a minute: fewer rounds, the main tables only, nothing written
  --rounds N       rounds per table (9; with --quick 3)
  --only TEXT      only the tables whose title contains TEXT
  --out FILE       where the report goes (bench/results.md, bench/convolutions.md; with --quick nowhere)
  --date DATE      the date in the report (today)
  --python FILE    the interpreter that has PyTorch (ZEROSUM_PYTHON, else the first one that does)`);
} else {
  await main();
}

async function main(): Promise<void> {
  const { quick } = values;
  const rounds = Number(values.rounds ?? (quick ? 3 : 9));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`driver: --rounds must be a positive whole number, got ${values.rounds}`);
  }
  const suite = values.convolutions ? convolutionSuite : paperSuite;
  const chosen = suite.scenarios.filter(({ title, long }) => title.includes(values.only) && !(quick && long));
  if (chosen.length === 0) throw new Error(`driver: no table's title contains '${values.only}'`);

  const python = pythonWithTorch(values.python ?? process.env['ZEROSUM_PYTHON']);
  const before = loadavg()[0]!;
  console.log(`${machine()}; load average ${before.toFixed(2)}`);
  if (before > availableParallelism() / 4) {
    console.log('The machine is busy: trust the ratios more than the times.');
  }
  const measurements: Measurement[] = [];
  for (const [index, scenario] of chosen.entries()) {
    const measurement = await timed(scenario, chosen.length - index);
    measurements.push(measurement);
    console.log(`\n${table(measurement)}`);
  }

  const out = values.out ?? (quick ? undefined : fileURLToPath(new URL(suite.file, import.meta.url)));
  if (out === undefined) return;
  writeFileSync(
    out,
    report(measurements, { suite, date: values.date, load: [before, loadavg()[0]!], rounds }),
  );
  console.log(`Written to ${out}`);

  function timed(scenario: Scenario, left: number): Promise<Measurement> {
    const budgetMs = quick ? 45_000 : suite.budgetMs;
    const elapsedMs = performance.now();
    // What is left of the budget is shared evenly by the tables that are left.
    const deadlineMs = elapsedMs + (budgetMs - elapsedMs) / left;
    console.log(`\n${scenario.title}`);
    const turnSeconds = quick ? 0.4 : suite.turnSeconds;
    return measure(scenario, {
      command: (engine, options) => command(engine, options, python),
      rounds,
      turnSeconds,
      deadlineMs,
      log: console.log,
    });
  }
}
