import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { type CheckedStatement, reproduceTheory } from '../reproduce/theory/reproduce-theory.ts';
import type { CommandStreams } from './load-progress.ts';
import { failedLines, onOneThread } from './reproduce-session.ts';

/** A statement in a line, what failed of it below. */
function linesOf({ id, title, checks, passed, seconds }: CheckedStatement): string {
  const held = checks.filter((check) => check.passed).length;
  const count = `${held} of ${checks.length} checks, ${seconds.toFixed(0)} s`;
  return [
    `${passed ? 'holds ' : 'FAILS '} ${id.padEnd(14)} ${title} (${count})`,
    ...failedLines(checks),
  ].join('\n');
}

/** A statement for scripts: what was computed, without what is drawn. */
const asData = ({ id, title, formula, source, passed, seconds, checks, tables = [] }: CheckedStatement) => ({
  id,
  title,
  formula,
  source,
  passed,
  seconds: Number(seconds.toFixed(2)),
  checks,
  tables,
});

/** `zerosum reproduce theory`: every statement of the theory, checked by computation. */
export function theoryCommand(streams: CommandStreams = process): Command {
  const command = new Command('theory')
    .description('check every statement of the theory by computation, about a minute')
    .option('--out <folder>', 'where the figures go', join('reproductions', 'theory'))
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
D against D*, C(G) on two routes, descent on pg, the inner loop, KL against JSD, saturation, the Dirac-GAN: what each says,
and what was computed for it, stands in docs/theory.md.

Examples:
  $ zerosum reproduce theory
  $ zerosum reproduce theory --out figures --json`,
    )
    .action(async ({ out, json }) => {
      const report = await onOneThread(streams, (session) =>
        reproduceTheory({
          out,
          session,
          log: (statement) => (json ? streams.stderr : streams.stdout).write(`${linesOf(statement)}\n`),
        }),
      );
      const { statements, passed, seconds, files } = report;
      if (json)
        streams.stdout.write(
          `${JSON.stringify({ passed, seconds: Number(seconds.toFixed(2)), statements: statements.map(asData), files })}\n`,
        );
      else {
        const held = statements.filter((statement) => statement.passed).length;
        streams.stdout.write(
          `${held} of ${statements.length} statements hold; ${files.length / 2} figures as SVG and PNG in ${out}\n`,
        );
      }
      if (!passed) process.exitCode = 1;
    });
  return command as unknown as Command;
}
