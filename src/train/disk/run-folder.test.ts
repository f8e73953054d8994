import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startChild } from '../../../test/child-module.ts';
import { mountDisk } from '../../../test/full-disk.ts';
import { resolveConfig } from '../resolve-config.ts';
import { readConfigFile } from './config-file.ts';
import { createRun, cutRun, findRun, readRun, resumeRun, runPaths, sheetName } from './run-folder.ts';
import { configHash, type RunRecord, requireSameData, writeRecord } from './run-record.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'zerosum-runs-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const record: RunRecord = {
  config: resolveConfig({ preset: 'ring8' }),
  dataset: { name: 'ring8', kind: 'points', exampleShape: [2], dtype: 'float32', fingerprint: 'abc' },
  versions: { zerosum: '0.1.0', node: '20.20.2' },
};

/** A run that was created, and left by its process in good order. */
async function finishedRun(out?: string): Promise<string> {
  const run = await createRun(record, { out, root });
  run.lock.release();
  return run.paths.folder;
}

const edit = (folder: string, change: (json: Record<string, unknown>) => void) => {
  const path = join(folder, 'config.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(path, JSON.stringify(json));
};

test('runs are numbered by preset, the first free number first', async () => {
  expect(await finishedRun()).toBe(join(root, 'ring8-1'));
  expect(await finishedRun()).toBe(join(root, 'ring8-2'));
  rmSync(join(root, 'ring8-1'), { recursive: true });
  expect(await finishedRun()).toBe(join(root, 'ring8-1'));
  expect(await finishedRun()).toBe(join(root, 'ring8-3'));
});

test('runs that are created at once get numbers of their own', async () => {
  const runs = await Promise.all(Array.from({ length: 5 }, () => createRun(record, { root })));
  expect(runs.map(({ paths }) => paths.folder).sort()).toEqual(
    [1, 2, 3, 4, 5].map((n) => join(root, `ring8-${n}`)),
  );
});

test('a run holds its record, its lock and empty folders', async () => {
  const { paths, lock } = await createRun(record, { out: join(root, 'deep', 'run') });
  expect(readdirSync(paths.folder).sort()).toEqual(['checkpoints', 'config.json', 'run.lock', 'samples']);
  lock.release();
  expect(readdirSync(paths.folder).sort()).toEqual(['checkpoints', 'config.json', 'samples']);
  expect((await readRun(paths.folder)).record).toEqual(record);
});

test('config.json has the config keys at its top level and is a config file itself', async () => {
  const { config } = runPaths(await finishedRun());
  const json = JSON.parse(readFileSync(config, 'utf8'));
  expect(json).toMatchObject({
    formatVersion: 1,
    k: 1,
    latentDim: 2,
    updateOrder: 'alternating',
    checkpointEvery: 1000,
  });
  expect(json).toMatchObject({ dataset: record.dataset, versions: record.versions });
  expect(resolveConfig({ file: await readConfigFile(config) })).toEqual(record.config);
});

test('a folder that holds a run is not started again', async () => {
  const folder = await finishedRun();
  await expect(createRun(record, { out: folder })).rejects.toMatchObject({
    name: 'ConfigError',
    message: `run: ${folder} must be a new or empty folder, got a run. Continue it with --resume, or choose another with --out`,
  });
  expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'config.json', 'samples']);
});

test('an empty folder, and one that a killed process left before its run was there, are taken', async () => {
  const empty = join(root, 'empty');
  mkdirSync(empty);
  expect(await finishedRun(empty)).toBe(empty);
  const left = join(root, 'left');
  mkdirSync(join(left, 'samples'), { recursive: true });
  const child = startChild('');
  await once(child, 'exit');
  writeFileSync(join(left, 'run.lock'), JSON.stringify({ pid: child.pid, host: hostname(), token: 'x' }));
  writeFileSync(join(left, 'config.json.tmp'), '{"format');
  await finishedRun(left);
  expect(readdirSync(left).sort()).toEqual(['checkpoints', 'config.json', 'samples']);
});

test('a folder of other things is refused and left as it is', async () => {
  writeFileSync(join(root, 'thesis.tex'), 'x');
  const got = 'got 1 entries that are no run, such as thesis.tex. Choose another folder';
  await expect(createRun(record, { out: root })).rejects.toThrow(
    `run: ${root} must be a run or an empty folder, ${got}`,
  );
  await expect(readRun(root)).rejects.toThrow(got);
  await expect(resumeRun(root)).rejects.toThrow(got);
  expect(readdirSync(root)).toEqual(['thesis.tex']);
});

test('a file in the place of the folder is refused', async () => {
  const file = join(root, 'file');
  writeFileSync(file, 'x');
  await expect(createRun(record, { out: file })).rejects.toThrow(
    'A file has that name: choose another with --out',
  );
  await expect(readRun(file)).rejects.toThrow('got ENOTDIR (a file where a folder should be)');
});

test('a run without its config.json is refused and keeps what it has', async () => {
  const folder = await finishedRun();
  writeFileSync(join(folder, 'checkpoints', 'step-1.safetensors'), 'x');
  rmSync(join(folder, 'config.json'));
  const message = `run: ${folder} must be a run or an empty folder, got a run without config.json`;
  for (const attempt of [
    () => createRun(record, { out: folder }),
    () => readRun(folder),
    () => resumeRun(folder),
  ])
    await expect(attempt()).rejects.toThrow(message);
  expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'samples']);
});

test('a config.json cut at any byte is refused', async () => {
  const folder = await finishedRun();
  const path = join(folder, 'config.json');
  const whole = readFileSync(path).length;
  // Without the line break at the end the record is still whole.
  for (let length = whole - 2; length >= 0; length -= 7) {
    truncateSync(path, length);
    await expect(readRun(folder)).rejects.toMatchObject({ name: 'DataError' });
    await expect(readRun(folder)).rejects.toThrow(
      `readRecord: ${path} must hold whole JSON, got ${length} bytes`,
    );
  }
  await expect(createRun(record, { out: folder })).rejects.toThrow('The file was cut or damaged');
});

test.each([
  [2, 'got 2 (written by zerosum 0.1.0). Update zerosum'],
  [0, 'got 0 (written by zerosum 0.1.0). Use the version that wrote it, or start a new run'],
  ['1', 'got "1" (written by zerosum 0.1.0). Use the version that wrote it'],
])('a run of format version %j is refused', async (version, message) => {
  const folder = await finishedRun();
  edit(folder, (json) => {
    json['formatVersion'] = version;
    json['somethingNew'] = true;
  });
  for (const attempt of [
    () => readRun(folder),
    () => resumeRun(folder),
    () => createRun(record, { out: folder }),
  ])
    await expect(attempt()).rejects.toThrow(`must have format version 1, ${message}`);
});

test.each([
  [(json: Record<string, unknown>) => delete json['formatVersion'], 'must have a formatVersion, got none'],
  [(json: Record<string, unknown>) => delete json['dataset'], 'dataset must be an object, got nothing'],
  [(json: Record<string, unknown>) => delete json['batch'], 'batch must be a number, got nothing'],
  [(json: Record<string, unknown>) => Object.assign(json, { batc: 3 }), 'unknown key: batc.'],
])('a damaged record is refused: %#', async (change, message) => {
  const folder = await finishedRun();
  edit(folder, change);
  await expect(readRun(folder)).rejects.toThrow(message);
  await expect(readRun(folder)).rejects.toMatchObject({ name: 'DataError' });
});

test('RUN is a path or a name under the root; an unknown name gets the nearest', async () => {
  const folder = await finishedRun(join(root, 'mnist-1'));
  expect(await findRun(folder)).toBe(folder);
  expect(await findRun('mnist-1', root)).toBe(folder);
  await expect(findRun('mnst-1', root)).rejects.toMatchObject({
    name: 'ConfigError',
    message: `run: unknown run: mnst-1 (under ${root}). One of mnist-1. Did you mean mnist-1?`,
  });
  await expect(findRun('./mnst-1', root)).rejects.toThrow(
    'run: ./mnst-1 must be the folder of a run, got no such folder',
  );
  await expect(findRun('a', join(root, 'none'))).rejects.toThrow('run: a must be the folder of a run');
  for (let n = 2; n < 20; n++) mkdirSync(join(root, `mnist-${n}`));
  await expect(findRun('mnst-1', root)).rejects.toThrow(`(under ${root}). Did you mean mnist-1?`);
});

test('one process at a time: a second one is told the pid, and reading goes on', async () => {
  const run = await createRun(record, { root });
  const folder = run.paths.folder;
  const message = `lock: ${folder} must be used by one process at a time, got pid ${process.pid}.`;
  await expect(resumeRun(folder)).rejects.toThrow(message);
  expect((await readRun(folder)).record).toEqual(record);
  run.lock.release();
  const resumed = await resumeRun(folder);
  await expect(resumeRun(folder)).rejects.toThrow(message);
  resumed.lock.release();
});

test('two processes that create one run: exactly one does', async () => {
  const out = join(root, 'one');
  const attempts = await Promise.allSettled([createRun(record, { out }), createRun(record, { out })]);
  const made = attempts.filter(({ status }) => status === 'fulfilled');
  expect(made).toHaveLength(1);
  expect((await readRun(out)).record).toEqual(record);
});

test('resuming removes what a killed process left half-written', async () => {
  const folder = await finishedRun();
  const leftovers = [
    'config.json.tmp',
    'checkpoints/step-5.safetensors.tmp',
    'samples/step-00000005.png.tmp',
  ];
  for (const name of leftovers) writeFileSync(join(folder, name), 'x');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  (await resumeRun(folder)).lock.release();
  expect(leftovers.filter((name) => existsSync(join(folder, name)))).toEqual([]);
  expect(existsSync(join(folder, 'notes.txt'))).toBe(true);
});

test('a run is taken back to a step: logs and sheets after it go', async () => {
  const { paths, lock } = await createRun(record, { root });
  const log = [1, 2, 3].map((step) => `{"step":${step}}\n`);
  const fill = () => {
    writeFileSync(paths.metrics, log.join(''));
    writeFileSync(paths.timing, `${log.join('')}{"step":4,"mi`);
    for (const step of [0, 2, 3, 123456789]) writeFileSync(join(paths.samples, sheetName(step)), 'png');
    writeFileSync(join(paths.samples, 'mine.png'), 'png');
  };
  fill();
  await cutRun(paths, 2);
  expect(readFileSync(paths.metrics, 'utf8')).toBe(log.slice(0, 2).join(''));
  expect(readFileSync(paths.timing, 'utf8')).toBe(log.slice(0, 2).join(''));
  expect(readdirSync(paths.samples).sort()).toEqual(['mine.png', 'step-00000000.png', 'step-00000002.png']);
  fill();
  await cutRun(paths, undefined);
  expect(readFileSync(paths.metrics, 'utf8')).toBe('');
  expect(readdirSync(paths.samples)).toEqual(['mine.png']);
  lock.release();
});

test('a resumed run may stop elsewhere: its record is replaced as a whole', async () => {
  const folder = await finishedRun();
  await writeRecord(folder, { ...record, config: { ...record.config, steps: 9 } });
  expect((await readRun(folder)).record.config.steps).toBe(9);
});

test('other data under the same name is refused', () => {
  requireSameData(record, { name: 'copy of ring8', fingerprint: 'abc' });
  expect(() => requireSameData(record, { name: 'ring8', fingerprint: 'xyz' })).toThrow(
    'resume: data ring8 must be what the run was started on, with fingerprint abc…, got ring8 with xyz…',
  );
});

test('the config hash is that of what decides the numbers', () => {
  const hash = configHash(record.config);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(configHash({ ...record.config, steps: 3, threads: 2 })).toBe(hash);
  expect(configHash({ ...record.config, seed: 3 })).not.toBe(hash);
});

test('a read-only folder is refused in one line', async (context) => {
  const folder = join(root, 'disk');
  const isRoot = process.getuid?.() === 0;
  mkdirSync(folder);
  // Root writes where it has no permission, so it needs a disk that is read-only itself.
  const mounted = isRoot ? mountDisk(folder, 'size=1m') : { unmount: () => chmodSync(folder, 0o755) };
  if ('reason' in mounted) return context.skip(`no read-only disk: ${mounted.reason}`);
  try {
    const run = await finishedRun(join(folder, 'run'));
    if (isRoot) mountDisk(folder, 'remount,ro');
    else for (const path of [run, folder]) chmodSync(path, 0o555);
    const refused = /must be (writable|a folder that can be written), got (EROFS|EACCES) \([a-z -]+\)/;
    for (const attempt of [
      () => createRun(record, { out: join(folder, 'new') }),
      () => createRun(record, { root: join(folder, 'runs') }),
      () => resumeRun(run),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ name: 'DataError' });
      await expect(attempt()).rejects.toThrow(refused);
    }
    expect((await readRun(run)).record).toEqual(record);
    if (!isRoot) chmodSync(run, 0o755);
  } finally {
    mounted.unmount();
  }
});

test('a full disk leaves no half-made run', async (context) => {
  const disk = join(root, 'disk');
  mkdirSync(disk);
  const mounted = mountDisk(disk, 'size=8k');
  if ('reason' in mounted) return context.skip(`no disk to fill: ${mounted.reason}`);
  try {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(4096));
    // What is left takes the lock, but not the lock and the record.
    await expect(createRun(record, { out: join(disk, 'run') })).rejects.toThrow(
      'ENOSPC (no space left on the disk)',
    );
    expect(readdirSync(disk)).toEqual(['filler']);
  } finally {
    mounted.unmount();
  }
});

test('a config file that is missing or not JSON is refused', async () => {
  const path = join(root, 'c.json');
  await expect(readConfigFile(path)).rejects.toThrow(`--config: ${path} must be a readable file, got ENOENT`);
  writeFileSync(path, '{"batch": 10,}');
  await expect(readConfigFile(path)).rejects.toMatchObject({ name: 'ConfigError' });
  await expect(readConfigFile(path)).rejects.toThrow(`--config: ${path} must hold JSON, got: `);
});
