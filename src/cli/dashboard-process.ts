import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isSetName } from '../data/disk/load-dataset.ts';
import { ExecutionError } from '../errors.ts';
import type { Config } from '../train/config.ts';
import { ownProgram } from './own-program.ts';

/** A dashboard beside a training: a process of its own, so that answering takes the training none of its thread's time. */
export interface DashboardProcess {
  readonly url: string;
  /** Ends it. Idempotent. */
  end(): void;
}

/** What a dashboard beside a training shows, and who stops the training from it. */
export interface DashboardProcessOptions {
  /** The run folder. Under `runs/`, all of its runs are shown; elsewhere this one alone. */
  readonly folder: string;
  readonly config: Pick<Config, 'data' | 'dataDir'>;
  readonly port?: number | undefined;
  /** Called when the page asks to stop the training. */
  readonly onStop: () => void;
}

/**
 * Starts `zerosum watch` beside a training of this process. It ends with this process, however that ends.
 *
 * @throws ExecutionError with what it said where it does not come up
 */
export async function startDashboard({
  folder,
  config: { data, dataDir },
  port,
  onStop,
}: DashboardProcessOptions): Promise<DashboardProcess> {
  const root = dirname(resolve(folder));
  const shown = root === resolve('runs') ? root : resolve(folder);
  const [command, ...first] = ownProgram();
  const own = isSetName(data) ? [] : [`--data=${resolve(data)}`];
  const listening = port === undefined ? [] : [`--port=${port}`];
  const child = spawn(command, [...first, 'watch', '--no-open', ...listening, ...own, '--', shown], {
    // Of a group of its own: Ctrl-C is for the training, which ends it when it has ended itself.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...(dataDir === undefined ? {} : { ZEROSUM_DATA: dataDir }) },
    windowsHide: true,
  });
  child.on('message', (message) => {
    if (message === 'stop') onStop();
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const url = await new Promise<string>((found, reject) => {
    createInterface({ input: child.stdout! }).once('line', found);
    child.once('error', reject);
    child.once('exit', () => {
      const reason = /^(?:unexpected )?error: (.+)$/m.exec(said)?.[1] ?? 'its process ended';
      reject(new ExecutionError(`dashboard: must come up, got: ${reason}`));
    });
  });
  // It must not keep a training's process alive that is done.
  child.unref();
  child.channel?.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
  return {
    url,
    end: () => {
      if (child.connected) child.disconnect();
    },
  };
}
