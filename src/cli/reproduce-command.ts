import { Command } from '@commander-js/extra-typings';
import type { CommandStreams } from './load-progress.ts';
import { figure1Command } from './reproduce-figure1.ts';
import { theoryCommand } from './reproduce-theory.ts';
import { figure2Command, figure3Command, table1Command } from './reproduce-trained.ts';

/**
 * `zerosum reproduce WHAT`: what the paper states, tabulates and draws, computed anew. One subcommand and one file each.
 *
 * @param streams - where to write; default the process's own
 */
export function reproduceCommand(streams: CommandStreams = process): Command {
  const command = new Command('reproduce')
    .description('compute what the paper states, tabulates and draws')
    .addHelpText(
      'after',
      `
Each writes its results into a folder under reproductions/; theory exits with 1 where a statement fails. What trains goes on
where it was stopped when the same command is given again.

Examples:
  $ zerosum reproduce theory
  $ zerosum reproduce figure1 --out figures
  $ zerosum reproduce figure2 --part b
  $ zerosum reproduce table1 --epochs 50`,
    );
  const whats = [theoryCommand, figure1Command, figure2Command, figure3Command, table1Command];
  for (const what of whats) command.addCommand(what(streams));
  return command as unknown as Command;
}
