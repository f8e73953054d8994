import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunCatalogue } from './run-catalogue.ts';
import { RunsFolder } from './runs-folder.ts';
import { TrainingLauncher } from './training-launcher.ts';

let home: string;
let root: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'launcher-'));
  root = join(home, 'runs');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A launcher whose `zerosum` is a line of JavaScript. */
async function launcher(script: string): Promise<TrainingLauncher> {
  const catalogue = new RunCatalogue(await RunsFolder.open(root));
  return new TrainingLauncher({ catalogue, program: [process.execPath, '-e', script, '--'] });
}

const argv = ['train', '--preset=ring8', '--steps=7', '--', 'ring8'];
const waits = 'setTimeout(() => {}, 60_000)';

describe('TrainingLauncher', () => {
  it('lets four trainings run at a time, however many are asked for at once', async () => {
    const trainings = await launcher(waits);
    const asked = Array.from({ length: 7 }, (_, i) =>
      trainings.start({ id: `run-${i}`, argv }).catch((error: Error) => error.message),
    );
    await expect.poll(() => trainings.running.length).toBe(4);
    const refused = asked.slice(4);
    for (const answer of refused)
      expect(await answer).toMatch(
        /^run: at most 4 trainings can run at a time, got 4 that do. Stop one first$/,
      );
    expect(trainings.starting().map(({ id, state, data, steps }) => ({ id, state, data, steps }))).toEqual(
      [0, 1, 2, 3].map((i) => ({ id: `run-${i}`, state: 'starting', data: 'ring8', steps: 7 })),
    );
    // One that prepares can be stopped as well, and makes room.
    for (const id of [...trainings.running])
      expect(await trainings.stop(id)).toEqual({ id, state: 'starting' });
    for (const answer of asked.slice(0, 4)) expect(await answer).toMatch(/^its process ended with code /);
    expect(trainings.running).toEqual([]);
    const next = trainings.start({ id: 'run-0', argv }).catch((error: Error) => error.message);
    await expect.poll(() => trainings.running).toEqual(['run-0']);
    await expect(trainings.start({ id: 'run-0', argv })).rejects.toThrow(
      'run: run-0 must not be started twice',
    );
    await trainings.stop('run-0');
    await next;
  });

  it.each([
    [1, 409],
    [2, 400],
  ])('says what the command line has said, with code %i as status %i', async (code, status) => {
    const trainings = await launcher(
      `console.error('notice\\nerror: data: must be there'); process.exit(${code})`,
    );
    await expect(trainings.start({ id: 'broken', argv })).rejects.toMatchObject({
      status,
      message: 'data: must be there',
    });
  });

  it('hands every word on as it is: there is no shell', async () => {
    const words = ['--set=data="$(touch planted)"', '; touch planted', '`touch planted`', '*', "'", ''];
    const trainings = await launcher('console.log(JSON.stringify(process.argv.slice(1)))');
    await trainings.start({ id: 'quoted', argv: words });
    expect(JSON.parse(readFileSync(join(root, '.zerosum', 'quoted.log'), 'utf8'))).toEqual(words);
  });

  it('empties no file that a link in the runs leads to', async () => {
    const precious = join(home, 'precious.txt');
    writeFileSync(precious, 'precious');
    mkdirSync(join(root, '.zerosum'), { recursive: true });
    symlinkSync(precious, join(root, '.zerosum', 'linked.log'));
    const trainings = await launcher(waits);
    await expect(trainings.start({ id: 'linked', argv })).rejects.toThrow(
      /\.zerosum must be writable, got ELOOP/,
    );
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    // Nothing has been started, so nothing is counted.
    expect(trainings.running).toEqual([]);
    rmSync(join(root, '.zerosum'), { recursive: true });
    symlinkSync(home, join(root, '.zerosum'));
    writeFileSync(join(home, 'other.log'), 'precious');
    await expect(trainings.start({ id: 'other', argv })).rejects.toThrow('must be a folder, got a link');
    expect(readFileSync(join(home, 'other.log'), 'utf8')).toBe('precious');
  });

  it('sends no signal for a lock that anybody may have written', async () => {
    const folder = join(root, 'planted');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), '{}');
    const trainings = await launcher(waits);
    const lock = (holder: object) => writeFileSync(join(folder, 'run.lock'), JSON.stringify(holder));
    // This process, without the time at which it started: as if its number had been another one's before.
    lock({ pid: process.pid, host: hostname(), token: 't' });
    await expect(trainings.stop('planted')).rejects.toThrow('stop: planted must have been started here');
    lock({ pid: process.pid, host: hostname(), token: 't', startedAt: 'boot/1' });
    await expect(trainings.stop('planted')).rejects.toThrow('got no process that trains it');
    lock({ pid: process.pid, host: 'elsewhere', token: 't' });
    await expect(trainings.stop('planted')).rejects.toThrow(
      'stop: planted must run on this machine, got elsewhere',
    );
    // Groups of processes, and all of them.
    for (const pid of [0, -1, 1, 1.5]) {
      lock({ pid, host: hostname(), token: 't' });
      await expect(trainings.stop('planted')).rejects.toThrow('got no process that trains it');
    }
  });
});
