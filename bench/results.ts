import { cpus, totalmem } from 'node:os';
import type { Measurement, Row } from './measure.ts';
import type { Scenario, Suite } from './scenarios.ts';

/** Middle value; the mean of both middle values if there is an even number of them. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** PyTorch at the thread setting with the smaller median, which is what everybody is compared with. */
export function reference(rows: readonly Row[]): Row | undefined {
  return rows
    .filter(({ engine }) => engine === 'PyTorch')
    .reduce<Row | undefined>(
      (best, row) => (best === undefined || median(row.seconds) < median(best.seconds) ? row : best),
      undefined,
    );
}

/** Median over the rounds of `row`'s time divided by the reference's in the same round. */
export function ratio(row: Row, to: Row): number {
  const rounds = Math.min(row.seconds.length, to.seconds.length);
  return median(Array.from({ length: rounds }, (_, round) => row.seconds[round]! / to.seconds[round]!));
}

/** Processor, cores, memory and Node, for example `AMD EPYC, 2 cores, 24 GB, linux x64, Node v20.20.2`. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || 'unknown processor';
  const memory = `${Math.round(totalmem() / 1e9)} GB`;
  const system = `${process.platform} ${process.arch}`;
  return `${model}, ${processors.length} cores, ${memory}, ${system}, Node ${process.version}`;
}

/** One scenario as a Markdown table with what stood out below it. */
export function table({ scenario, rows, absences }: Measurement): string {
  const best = reference(rows);
  const { unit, value } = quantity(scenario);
  const lines = [
    `## ${scenario.title}`,
    '',
    `| engine | threads | ${unit}, median | min | max | time against PyTorch's best |`,
    '|---|--:|--:|--:|--:|--:|',
    ...rows.map((row) => {
      const values = row.seconds.map(value);
      const cells = [median(values), Math.min(...values), Math.max(...values)].map(threeDigits);
      const against = best === undefined ? '-' : `${ratio(row, best).toFixed(2)} x`;
      return `| ${row.ready.engine} | ${row.ready.threads} | ${cells.join(' | ')} | ${against} |`;
    }),
    '',
    ...notes(rows),
    ...absences.map(
      ({ engine, threads, reason }) => `- ${engine}, ${threads} threads: not measured: ${reason}`,
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The whole report. `date` and `load` are told to it, so that the same measurements give the same text. */
export function report(
  measurements: readonly Measurement[],
  {
    suite: { title, flags, definition },
    date,
    load,
    rounds,
  }: { suite: Suite; date: string; load: readonly [before: number, after: number]; rounds: number },
): string {
  const [before, after] = load.map((value) => value.toFixed(2));
  return `# ${title}

${machine()}. ${date}. Load average before: ${before}, at the end (our own work included): ${after}.

Written by \`npx tsx bench/driver.ts${flags}\` (bench/README.md). Up to ${rounds} rounds, engines in turns within each; the
last column is the median over the rounds of an engine's time divided by PyTorch's in the same round, PyTorch at its
better thread setting.

${definition}

${measurements.map(table).join('\n')}`;
}

function quantity({ options }: Scenario): { unit: string; value: (seconds: number) => number } {
  if (options.mode === 'sample') return { unit: 'samples/s', value: (seconds) => options.batch / seconds };
  return { unit: 'ms', value: (seconds) => seconds * 1000 };
}

/** Each note once: engines that differ in threads only share theirs. */
function notes(rows: readonly Row[]): string[] {
  const said = rows.filter(({ ready }) => ready.note !== '');
  const lines = said.map(({ ready }) => `- ${ready.engine}: ${ready.note}`);
  const broken = rows.filter(({ losses }) => Object.values(losses).some((loss) => !Number.isFinite(loss)));
  const warnings = broken.map(({ ready }) => `- ${ready.engine}: **its losses are not finite**`);
  return [...new Set([...lines, ...warnings])];
}

function threeDigits(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
