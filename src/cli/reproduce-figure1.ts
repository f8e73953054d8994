import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { reproduceFigure1 } from '../reproduce/figure1.ts';
import type { CommandStreams } from './load-progress.ts';
import { failedLines, onOneThread } from './reproduce-session.ts';

/** `zerosum reproduce figure1`: the paper's diagram of a one-dimensional game, from a training run. */
export function figure1Command(streams: CommandStreams = process): Command {
  const command = new Command('figure1')
    .description('draw the game in one dimension, (a) to (d), from a training run, about half a minute')
    .option('--out <folder>', 'where the figure goes', join('reproductions', 'figure1'))
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
Data, samples, D and D* as functions of x, and where the generator takes uniform z. The density of the samples is no
estimate: it follows from the generator and its slope by change of variables.

Examples:
  $ zerosum reproduce figure1
  $ zerosum reproduce figure1 --out figures --json`,
    )
    .action(async ({ out, json }) => {
      const { moments, checks, passed, files } = await onOneThread(streams, (session) =>
        reproduceFigure1({
          out,
          session,
          log: (line) => (json ? streams.stderr : streams.stdout).write(`${line}\n`),
        }),
      );
      if (json) streams.stdout.write(`${JSON.stringify({ passed, moments, checks, files })}\n`);
      else streams.stdout.write([...failedLines(checks), ...files, ''].join('\n'));
      if (!passed) process.exitCode = 1;
    });
  return command as unknown as Command;
}
