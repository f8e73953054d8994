import { Command } from '@commander-js/extra-typings';
import { serveLab } from '../server/serve-lab.ts';
import { port } from './number-arguments.ts';
import { openBrowser } from './open-browser.ts';

/** `zerosum lab`: the theory lab, until it is interrupted. */
export function labCommand(): Command {
  const command = new Command('lab')
    .description('the theory lab: play the game in a browser, one phase at a time, beside its exact theory')
    .option('--port <n>', 'to listen on; 0 for any free one (default: 7050, or the next free one)', port)
    .option('--host <address>', 'to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser')
    .addHelpText(
      'after',
      `
The address of the page is the first line of standard output. Everything runs in the page: this command only hands out its
files, as any web host can that serves the folder dist/web/lab.

Examples:
  $ zerosum lab
  $ zerosum lab --port 8080 --no-open
  $ zerosum lab --host 0.0.0.0                        for a class room`,
    )
    .action(async ({ open, ...options }) => {
      const served = await serveLab(options);
      process.stdout.write(`${served.url}\n`);
      process.stderr.write('Ctrl-C ends the lab\n');
      if (open && process.stdout.isTTY) openBrowser(served.url);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
      });
      await served.close();
    });
  return command as unknown as Command;
}
