#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { ConfigError, DataError, ExecutionError, ShapeError } from '../errors.ts';
import { commands } from './commands.ts';

/** Exit codes of every command; 130, 141 and 143 are a signal's, with a checkpoint written. */
const FAILED = 1;
const WRONG_USAGE = 2;
const READER_GONE = 141;

async function version(): Promise<string> {
  const own = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(own) as { version: string }).version;
}

async function main(): Promise<number> {
  const program = new Command('zerosum')
    .description('Generative adversarial nets: train, look, export. Every training step is one ONNX graph.')
    .version(await version())
    .option('--debug', 'print the stack of an error')
    .addHelpText(
      'after',
      `
Examples:
  $ zerosum train                        learn the embedded digits, about a minute
  $ zerosum train mnist                  the paper's data with a modern recipe
  $ zerosum sample digits-1 -n 64 --out samples.png
  $ zerosum evaluate digits-1            whether it learned the data
  $ zerosum doctor                       what this machine can do`,
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const command of await commands(process.argv.slice(2))) {
    // Each command exits through this function, so that nothing half-written is left behind.
    program.addCommand(command.exitOverride());
    for (const sub of command.commands) sub.exitOverride();
  }
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, process.argv.includes('--debug'));
  }
}

/**
 * What is written to `| head` after it has seen enough is no failure. Node ignores SIGPIPE and fails the write instead:
 * this turns it into the signal again, for training to stop as at any other, and for the rest to end without a word.
 */
function endWithReader(): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(READER_GONE);
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onError);
}

function report(error: unknown, debug: boolean): number {
  // Commander has printed its own message already, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  const known = [ConfigError, DataError, ExecutionError, ShapeError].some((type) => error instanceof type);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${known ? 'error' : 'unexpected error'}: ${message}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!known) process.stderr.write('Run again with --debug for the stack, and please report it.\n');
  return error instanceof ConfigError ? WRONG_USAGE : FAILED;
}

endWithReader();
process.exitCode = await main();
