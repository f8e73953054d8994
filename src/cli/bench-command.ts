import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { ConfigError } from '../errors.ts';
import { count } from './number-arguments.ts';

/** The driver lies in the repository: the engines to compare with are not dependencies of the package. */
const driver = fileURLToPath(new URL('../../bench/driver.ts', import.meta.url));

/** `zerosum bench`: the paper's training step on this machine, in turns with PyTorch, jax-js and TensorFlow.js. */
export function benchCommand(): Command {
  const command = new Command('bench')
    .description('measure this machine beside PyTorch, TensorFlow.js and jax-js, where they are installed')
    .option(
      '--full',
      'all tables, up to 4 minutes, written to a report (default: the main ones, under a minute)',
    )
    .option('--rounds <n>', 'rounds per table', count)
    .option('--out <file.md>', 'where the report goes')
    .option('--python <file>', 'the interpreter that has PyTorch (default: the first one that does)')
    .addHelpText(
      'after',
      `
An engine that is not installed is named with the way to get it, and left out.

Examples:
  $ zerosum bench
  $ zerosum bench --full --out results.md`,
    );
  command.action(async ({ full, rounds, out, python }) => {
    if (!existsSync(driver)) {
      throw new ConfigError(
        `bench: the comparison must run in a clone of the repository, got no ${driver}. zerosum doctor measures this machine alone`,
      );
    }
    const flags = { rounds: rounds?.toString(), out, python };
    const given = Object.entries(flags).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, value],
    );
    process.exitCode = await run(['--import', 'tsx', driver, ...(full ? [] : ['--quick']), ...given]);
  });
  return command as unknown as Command;
}

function run(parameters: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
