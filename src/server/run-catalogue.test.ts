import { appendFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../train/diagnosis.ts';
import { findingEntry } from '../train/diagnosis.ts';
import { encodeLogLine } from '../train/disk/json-lines.ts';
import { writeRecord } from '../train/disk/run-record.ts';
import { resolveConfig } from '../train/resolve-config.ts';
import { RunCatalogue } from './run-catalogue.ts';
import { type RunEvent, RunEvents } from './run-events.ts';
import { RunsFolder } from './runs-folder.ts';

let root: string;
let catalogue: RunCatalogue;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'catalogue-'));
  catalogue = new RunCatalogue(await RunsFolder.open(root));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const collapse: Finding = {
  step: 400,
  condition: 'collapse',
  state: 'begins',
  sentence: 'samples have become alike',
  advice: 'try R1',
  figures: { diversity: 0.1 },
};

/** A run of so many logged steps, with a finding long before the end of its log. */
async function writeRun(id: string, steps = 20_000): Promise<void> {
  const folder = join(root, id);
  for (const part of ['samples', 'checkpoints']) mkdirSync(join(folder, part), { recursive: true });
  let text = '';
  for (let step = 1; step <= steps; step++) {
    text += encodeLogLine({ step, lossD: 1.386, 'D(x)': step / steps });
    if (step === 400) text += encodeLogLine(findingEntry(collapse));
  }
  writeFileSync(join(folder, 'metrics.jsonl'), text);
  writeFileSync(
    join(folder, 'timing.jsonl'),
    `{"step":${steps - 100},"iterations":100,"seconds":9}\n{"step":${steps},"iterations":100,"seconds":1}\n`,
  );
  writeFileSync(join(folder, 'samples', 'step-00000250.png'), '');
  writeFileSync(join(folder, 'checkpoints', `step-${steps}.safetensors`), '');
  await writeRecord(folder, {
    config: resolveConfig({ preset: 'digits', flags: { steps: 2 * steps, seed: 3 } }),
    dataset: { name: 'digits', kind: 'images', exampleShape: [1, 28, 28], dtype: 'uint8', fingerprint: 'f' },
    versions: {},
  });
}

const only = async () => (await catalogue.list()).runs[0]!.summary;

describe('RunCatalogue', () => {
  it('sums a run up from the ends of its logs, and knows of findings when those have been looked through', async () => {
    await writeRun('a');
    const first = await only();
    expect(first).toMatchObject({
      id: 'a',
      data: 'digits',
      kind: 'images',
      preset: 'digits',
      seed: 3,
      state: 'stopped',
      step: 20_000,
      steps: 40_000,
      itPerSecond: 20,
      latest: { lossD: 1.386, 'D(x)': 1 },
    });
    expect(first.thumbnail).toMatch(/^\/api\/runs\/a\/files\/samples\/step-00000250\.png\?v=\d+$/);
    expect(first.etaSeconds).toBeUndefined();
    expect(first.finding).toBeUndefined();
    await catalogue.scanned();
    expect((await only()).finding).toBe('samples have become alike (since step 400)');
  });

  it('forgets a finding that has ended, and takes one that is not finite for the end', async () => {
    await writeRun('a', 500);
    const add = (finding: Finding) =>
      appendFileSync(join(root, 'a', 'metrics.jsonl'), encodeLogLine(findingEntry(finding)));
    add({ ...collapse, step: 450, state: 'ends', sentence: 'samples vary again' });
    expect((await catalogue.findScanned('a')).summary.finding).toBeUndefined();
    add({
      step: 499,
      condition: 'nonFinite',
      state: 'begins',
      sentence: 'lossD has become NaN',
      figures: {},
    });
    const { summary, scan } = await catalogue.findScanned('a');
    expect(summary).toMatchObject({ state: 'failed', failure: 'lossD has become NaN' });
    expect(scan.findings.map(({ condition, state }) => `${condition} ${state}`)).toEqual([
      'collapse begins',
      'collapse ends',
      'nonFinite begins',
    ]);
  });

  it('keeps what it has seen while nothing changes, and looks again where something does', async () => {
    await writeRun('a', 500);
    await catalogue.list();
    await catalogue.scanned();
    const before = await only();
    expect(await only()).toBe(before);
    appendFileSync(join(root, 'a', 'metrics.jsonl'), encodeLogLine({ step: 501, lossD: 1 }));
    expect(await only()).toMatchObject({ step: 501, latest: { lossD: 1, 'D(x)': 1 } });
  });

  it('lists the newest change first, and by name what cannot be read', async () => {
    for (const id of ['a', 'b', 'c']) await writeRun(id, 10);
    for (const part of ['metrics.jsonl', 'timing.jsonl', 'config.json', 'samples', 'checkpoints'])
      for (const [id, seconds] of [
        ['a', 3000],
        ['b', 1000],
        ['c', 2000],
      ] as const)
        utimesSync(join(root, id, part), seconds, seconds);
    mkdirSync(join(root, 'broken'));
    writeFileSync(join(root, 'broken', 'config.json'), '{"formatVersion":99}');
    mkdirSync(join(root, 'no-run'));
    const { runs, unreadable } = await catalogue.list();
    expect(runs.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
    expect(unreadable.map(({ id }) => id)).toEqual(['broken']);
    expect(unreadable[0]!.error).toContain('must have format version 1, got 99');
    await expect(catalogue.find('broken')).rejects.toMatchObject({ status: 409 });
    await expect(catalogue.find('no-run')).rejects.toMatchObject({ status: 404 });
  });

  it('has the best of what was measured along the way, and what an evaluation found in its place', async () => {
    await writeRun('a', 500);
    const lines = [
      { step: 100, parzen: 150, modes: 0.2 },
      { step: 200, parzen: 190, modes: 0.3 },
      { step: 300, parzen: 170, modes: 'NaN', mystery: 1 },
    ];
    writeFileSync(join(root, 'a', 'evaluations.jsonl'), lines.map(encodeLogLine).join(''));
    expect((await only()).headline).toEqual([
      { name: 'parzen', value: 190, better: 'higher', step: 200 },
      { name: 'modes', value: 0.2, better: 'lower', step: 100 },
    ]);
    const evaluation = { subject: { step: 500 }, parzen: { logLikelihood: 180 } };
    writeFileSync(join(root, 'a', 'evaluation.json'), JSON.stringify(evaluation));
    expect((await only()).headline).toEqual([
      { name: 'modes', value: 0.2, better: 'lower', step: 100 },
      { name: 'parzen', value: 180, better: 'higher', step: 500 },
    ]);
  });

  it.each(['[]', '{"frechet":1,"modes":null}', '{"frechet":{"value":"<b>"}}', 'null', '{'])(
    'takes nothing from an evaluation that is none: %s',
    async (text) => {
      await writeRun('a', 10);
      writeFileSync(join(root, 'a', 'evaluation.json'), text);
      expect((await only()).headline).toEqual([]);
    },
  );
});

describe('RunEvents', () => {
  it('tells what changes after somebody has begun to listen, numbered, and what has gone', async () => {
    await writeRun('a', 10);
    await writeRun('b', 10);
    const events = new RunEvents('server', catalogue, () => []);
    const heard: RunEvent[] = [];
    const end = await events.listen((event) => heard.push(event));
    const start = Number(events.lastId.split('/')[1]);
    try {
      appendFileSync(join(root, 'a', 'metrics.jsonl'), encodeLogLine({ step: 11, lossD: 1 }));
      await events.touch('a');
      await events.touch('a');
      expect(heard.map(({ id, event }) => `${id} ${event}`)).toEqual([`server/${start + 1} run`]);
      expect(heard[0]!.data).toMatchObject({ id: 'a', step: 11 });
      rmSync(join(root, 'b'), { recursive: true });
      await expect
        .poll(() => heard.at(-1), { timeout: 10_000 })
        .toMatchObject({ event: 'gone', data: { id: 'b' } });
    } finally {
      end();
    }
    expect(events.listeners).toBe(0);
  });
});
