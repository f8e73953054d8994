import { Command } from '@commander-js/extra-typings';
import type { CommandStreams } from './load-progress.ts';
import { figure1Command } from './reproduce-figure1.ts';
import { theoryCommand } from './reproduce-theory.ts';

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
Each writes its figures as SVG and PNG into a folder under reproductions/, and exits with 1 where a statement fails.

Examples:
  $ zerosum reproduce theory
  $ zerosum reproduce figure1 --out figures`,
    );
  for (const what of [theoryCommand(streams), figure1Command(streams)]) command.addCommand(what);
  return command as unknown as Command;
}
