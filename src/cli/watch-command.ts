import { Command } from '@commander-js/extra-typings';
import type { MiddlewareHandler } from 'hono';
import { ConfigError } from '../errors.ts';
import { RunsFolder } from '../server/runs-folder.ts';
import { isLoopback, type ServedDashboard, serveDashboard } from '../server/serve-dashboard.ts';
import { pageFolder, staticPages } from '../server/static-pages.ts';
import { port } from './number-arguments.ts';
import { openBrowser } from './open-browser.ts';
import { ownProgram } from './own-program.ts';

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** `zerosum watch [RUNS]`: the dashboard, until it is interrupted. */
export function watchCommand(): Command {
  const command = new Command('watch')
    .description('the dashboard: look at runs in a browser while they train; start, stop and fork them')
    .argument('[runs]', 'a folder of runs, or one run', 'runs')
    .option('--port <n>', 'to listen on; 0 for any free one (default: 7070, or the next free one)', port)
    .option('--host <address>', 'to listen on; any but this machine alone demands a token', '127.0.0.1')
    .option('--token <text>', 'that pages and scripts have to know (default: random where one is demanded)')
    .option('--data <path>', 'a folder of images or a file to train on (repeatable)', collect, [] as string[])
    .option('--no-open', 'do not open a browser')
    .addHelpText(
      'after',
      `
The address of the page is the first line of standard output. Trainings that are started from the page go on when this
command ends.

Examples:
  $ zerosum watch
  $ zerosum watch runs --data ./photos
  $ zerosum watch runs/digits-1 --port 8080 --no-open
  $ zerosum watch --host 0.0.0.0                      from other machines, with a token`,
    )
    .action(async (runs, { open, ...options }) => {
      const folder = await RunsFolder.open(runs);
      const served = await serveDashboard({
        ...options,
        folder,
        program: ownProgram(),
        page: await builtPage(options.host),
        stopParent: process.send ? () => process.send!('stop') : undefined,
        onError: (error) => process.stderr.write(`${error.stack}\n`),
      });
      process.stdout.write(`${served.url}\n`);
      const what = folder.only === undefined ? folder.root : `${folder.root}, ${folder.only} alone`;
      process.stderr.write(`runs of ${what}; Ctrl-C ends the dashboard\n`);
      if (!isLoopback(options.host))
        process.stderr.write(
          'Other machines can reach this one: whoever has the address may start trainings.\n',
        );
      if (open && process.stdout.isTTY) openBrowser(served.url);
      await untilInterrupted(served);
    });
  return command as unknown as Command;
}

/** The page; where it was not built, only the API answers, which scripts can do with. */
async function builtPage(host: string): Promise<MiddlewareHandler | undefined> {
  try {
    return await staticPages(await pageFolder('dashboard'), { compressed: !isLoopback(host) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}. Until then only the API answers\n`);
    return undefined;
  }
}

/** Serves until a signal comes, or the process that started this one has gone. */
async function untilInterrupted(served: ServedDashboard): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  await new Promise<void>((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
  const { running } = served.dashboard;
  await served.close();
  if (running.length === 0) return;
  const [go, them] = running.length === 1 ? ['goes', 'it'] : ['go', 'them'];
  process.stderr.write(`${running.join(', ')} ${go} on training; zerosum watch shows ${them} again\n`);
}
