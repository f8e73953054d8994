import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainRing } from '../../test/trained-run.ts';
import { presets } from '../train/presets.ts';
import type { RunForm } from './api.ts';
import { RunCatalogue } from './run-catalogue.ts';
import { DataAccess } from './run-data-access.ts';
import { RunsFolder } from './runs-folder.ts';
import { forkOrder, resumeOrder, startOrder } from './start-request.ts';

const home = mkdtempSync(join(tmpdir(), 'start-'));
const photos = join(home, 'photos');
const runs = join(home, 'runs');
let folder: RunsFolder;
let catalogue: RunCatalogue;
let access: DataAccess;

beforeAll(async () => {
  mkdirSync(photos);
  mkdirSync(runs);
  mkdirSync(join(runs, 'ring8-1'));
  await trainRing(join(runs, 'ring'));
  folder = await RunsFolder.open(runs);
  catalogue = new RunCatalogue(folder);
  access = new DataAccess([photos]);
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const start = (body: unknown) => startOrder(body, folder, access);
const fork = async (body: unknown) => forkOrder(body, await catalogue.find('ring'), folder);

describe('a training is started', () => {
  it('with the words that the command line takes, each setting as one of them', async () => {
    const set = {
      k: 2,
      'generator.optimiser.learningRate': 1e-4,
      'penalties[0].r1.gamma': 1,
      latent: 'uniform',
    };
    const { id, argv } = await start({ data: 'ring8', preset: 'ring8', set, steps: 50, batch: 32, seed: 7 });
    // The folder ring8-1 is there, be it empty.
    expect(id).toBe('ring8-2');
    expect(argv).toEqual([
      'train',
      '--preset=ring8',
      `--out=${join(runs, 'ring8-2')}`,
      '--steps=50',
      '--seed=7',
      '--batch=32',
      '--set=k=2',
      '--set=generator.optimiser.learningRate=0.0001',
      '--set=penalties[0].r1.gamma=1',
      '--set=latent="uniform"',
      '--',
      'ring8',
    ]);
  });

  it('with the preset that suits the data, under a name of its own', async () => {
    const { id, argv } = await start({ data: 'swissroll', name: 'Roll_1.a-b' });
    expect(id).toBe('Roll_1.a-b');
    expect(argv).toEqual(['train', '--preset=ring8', `--out=${join(runs, 'Roll_1.a-b')}`, '--', 'swissroll']);
  });

  it('on data of the user, by the name that the form has for it', async () => {
    const { argv } = await start({ data: 'photos', preset: 'images', set: { 'images.size': 32 } });
    expect(argv.slice(-2)).toEqual(['--', photos]);
    expect(argv).toContain('--set=images.size=32');
  });

  it('from a run of the folder, by its name', async () => {
    const set = { pretrained: 'ring' };
    const { argv } = await start({ data: 'ring8', set });
    expect(argv).toContain(`--set=pretrained=${JSON.stringify(join(runs, 'ring'))}`);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['without data', {}, /^request: data must be a text, got nothing/],
    [
      'on data that has no name',
      { data: 'nothing' },
      /^data: unknown data: nothing. One of digits, mnist, .*, photos/,
    ],
    ['on a path', { data: photos }, /^data: unknown data: \//],
    ['on a path upwards', { data: '../photos' }, /^data: unknown data: \.\./],
    ['on a fold that is none', { data: 'mnist:3' }, /which has none, got mnist:3/],
    [
      'on data of the user without a preset',
      { data: 'photos' },
      /^preset: must be named for data of your own/,
    ],
    [
      'with an unknown preset',
      { data: 'ring8', preset: 'ring9' },
      /unknown preset: ring9. .*Did you mean ring8\?/,
    ],
    ['with an unknown key', { data: 'ring8', set: { lr: 1 } }, /lr/],
    ['with a value out of its range', { data: 'ring8', set: { k: 0 } }, /k must be at least 1, got 0/],
    ['with a flag of its own', { data: 'ring8', flags: ['--debug'] }, /flags/],
    ['with what looks like a flag', { data: 'ring8', set: { '--out': '/tmp' } }, /must be a key path/],
    ['with a key that hides another', { data: 'ring8', set: { 'k=1 --out': 1 } }, /must be a key path/],
    ['with a prototype', { data: 'ring8', set: JSON.parse('{"__proto__.x":1}') }, /must be a key path/],
    [
      'with a folder of data sets',
      { data: 'ring8', set: { dataDir: '/etc' } },
      /^set: dataDir must be left to whoever starts/,
    ],
    ['from a path', { data: 'ring8', set: { pretrained: '/etc' } }, /^run: unknown run/],
    ['from a path upwards', { data: 'ring8', set: { pretrained: '../outside' } }, /^run: unknown run/],
    ['for too long', { data: 'ring8', steps: 10_000_001 }, /steps must be at most 10000000/],
    ['for less than a step', { data: 'ring8', steps: 0.5 }, /steps must be a whole number/],
    ['with a name that is a path', { data: 'ring8', name: 'a/b' }, /^request: name must be letters, digits/],
    ['with a hidden name', { data: 'ring8', name: '.zerosum' }, /^request: name must be letters, digits/],
    [
      'with a name like a flag',
      { data: 'ring8', name: '--resume' },
      /^request: name must be letters, digits/,
    ],
    ['with an endless name', { data: 'ring8', name: 'a'.repeat(65) }, /name/],
    ['under a name that is taken', { data: 'ring8', name: 'ring' }, /^name: must be free, got ring/],
    [
      'under the name of an empty folder',
      { data: 'ring8', name: 'ring8-1' },
      /^name: must be free, got ring8-1/,
    ],
    [
      'with endless settings',
      { data: 'ring8', set: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 1])) },
      /^set: must be at most 64 settings, got 65/,
    ],
    [
      'with an endless setting',
      { data: 'ring8', set: { data: 'x'.repeat(30_000) } },
      /^set: data must have at most 20000 characters/,
    ],
  ])('not %s', async (_, body, message) => {
    await expect(start(body)).rejects.toThrow(message);
  });

  it('on the data that was chosen, whatever a setting says', async () => {
    const { argv } = await start({ data: 'ring8', preset: 'ring8', set: { data: '/etc/passwd' } });
    // The last word wins, on the command line as here.
    expect(argv.slice(-2)).toEqual(['--', 'ring8']);
  });

  it('not where one run alone is shown', async () => {
    const single = await RunsFolder.open(join(runs, 'ring'));
    expect(await single.ids()).toEqual(['ring']);
    await expect(startOrder({ data: 'ring8', name: 'new' }, single, access)).rejects.toThrow(
      'watch: one run alone is shown, so no other can be started',
    );
    expect(() => single.pathOf('ring8-1')).toThrow('unknown run');
  });
});

describe('a run goes on', () => {
  it('to a later step', async () => {
    const run = await catalogue.find('ring');
    expect(resumeOrder({ steps: 9 }, run).argv).toEqual([
      'train',
      '--resume',
      `--out=${join(runs, 'ring')}`,
      '--steps=9',
    ]);
  });

  it('not where it has finished', async () => {
    const run = await catalogue.find('ring');
    expect(() => resumeOrder({}, run)).toThrow('resume: ring must have steps left, got step 3 of 3');
    expect(() => resumeOrder({ out: '/tmp/x' }, run)).toThrow('out');
  });
});

describe('a run is forked', () => {
  it('from a checkpoint, with other settings', async () => {
    const { id, argv } = await fork({ step: 2, set: { k: 2 }, steps: 9, seed: 3, name: 'branch' });
    expect(id).toBe('branch');
    expect(argv).toEqual([
      'train',
      `--from=${join(runs, 'ring')}`,
      '--checkpoint=2',
      `--out=${join(runs, 'branch')}`,
      '--steps=9',
      '--seed=3',
      '--set=k=2',
    ]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    [
      'where there is no checkpoint',
      { step: 77 },
      /^fork: ring must have a checkpoint of step 77, got those of 1, 2, 3/,
    ],
    ['where nothing is left to do', {}, /^steps: must lie behind the checkpoint at step 3, got 3/],
    ['on other data', { step: 1, set: { data: 'grid25' } }, /^fork: data must stay "ring8"/],
    ['from a run besides', { step: 1, set: { pretrained: '/etc' } }, /^fork: pretrained must stay nothing/],
    ['with a folder of data sets', { step: 1, set: { dataDir: '/etc' } }, /^set: dataDir must be left/],
  ])('not %s', async (_, body, message) => {
    await expect(fork(body)).rejects.toThrow(message);
  });
});

describe('the form', () => {
  it('offers every set that has a name, and what the server was started with', () => {
    const { choices } = access;
    expect(choices.map(({ id }) => id)).toContain('fashion-mnist');
    expect(choices.at(-1)).toEqual({
      id: 'photos',
      name: 'photos',
      what: photos,
      kind: 'given',
      argument: photos,
    });
    for (const { kind, preset } of choices) if (kind === 'named') expect(presets).toHaveProperty([preset!]);
  });

  it('gives folders of one name, or of a set, names of their own', () => {
    mkdirSync(join(home, 'more', 'photos'), { recursive: true });
    mkdirSync(join(home, 'mnist'));
    const given = new DataAccess([photos, join(home, 'more', 'photos'), join(home, 'mnist'), photos]);
    const own: RunForm['data'] = given.choices.filter(({ kind }) => kind === 'given');
    expect(own.map(({ id }) => id)).toEqual(['photos', 'photos-2', 'mnist-2']);
    expect(given.nameOrPath('mnist').kind).toBe('named');
  });

  it('refuses a folder that is not there', () => {
    expect(() => new DataAccess([join(home, 'gone')])).toThrow(
      /^--data: .*gone must be a folder of images or a file/,
    );
  });
});
