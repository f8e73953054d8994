import { describe, expect, it } from 'vitest';
import { readReference } from '../../test/tensors.ts';
import { minimax, nonSaturating } from '../gan/losses/cross-entropy.ts';
import { wasserstein } from '../gan/losses/wasserstein.ts';
import { r1 } from '../gan/penalties/zero-centred.ts';
import type { SheetRow } from './alarms.ts';
import type { Metrics } from './chunk.ts';
import { type DiagnosedGame, Diagnosis, type Finding, findingEntry, findingsOf } from './diagnosis.ts';

const plain: DiagnosedGame = { loss: nonSaturating };

/** An entry of a log. */
type Entry = Metrics | SheetRow;

const isSheet = (entry: Entry): entry is SheetRow => 'diversity' in entry;

/** What is found in a log that is heard as it grows. */
function diagnose(entries: readonly Entry[], game = plain, diagnosis = new Diagnosis(game)): Finding[] {
  return entries.flatMap((entry) => (isSheet(entry) ? diagnosis.sheet(entry) : diagnosis.step(entry)));
}

const outline = (findings: readonly Finding[]): string[] =>
  findings.map(({ step, condition, state }) => `${step} ${condition} ${state}`);

/**
 * A run that does everything wrong, one after the other: it swings, then D wins and the samples become one, and in the end
 * it gets well. Figures have more digits than logs keep.
 */
function eventfulLog(): Entry[] {
  const entries: Entry[] = [];
  for (let step = 0; step <= 5000; step++) {
    const swinging = 0.4 + 0.3 * Math.sin(step / 7);
    const fake = step <= 1000 ? swinging : step <= 2500 ? Math.exp(-7) + 1e-9 * step : 0.45;
    if (step > 0) entries.push({ step, lossD: 1, 'D(x)': 1 - fake, 'D(G(z))': fake });
    if (step % 250 > 0) continue;
    const isOne = step >= 1000 && step <= 3000;
    const energyDistance = step < 3500 ? 0.3 + step / 1e9 : 0.001;
    entries.push({ step, diversity: isOne ? Math.PI / 100 : 0.9, duplicates: 0.2, energyDistance });
  }
  return entries;
}

const expected = [
  '500 oscillation begins',
  '1220 oscillation ends',
  '1490 discriminatorWins begins',
  '1500 collapse begins',
  '2530 discriminatorWins ends',
  // With nothing left to explain it, for as long as the samples stay where they are.
  '3250 collapse ends',
  '3250 plateau begins',
  '3500 plateau ends',
];

describe('Diagnosis', () => {
  it('tells each condition once where it begins and once where it ends', () => {
    expect(outline(diagnose(eventfulLog()))).toEqual(expected);
  });

  it('finds the same whether it has heard a run from the start or the log up to any step', () => {
    const log = eventfulLog();
    const findings = diagnose(log);
    // As text: what a log keeps.
    const lines = log.map((entry) => {
      const digits = Object.entries(entry).map(([name, value]) => [name, Number(value.toPrecision(7))]);
      return JSON.stringify(Object.fromEntries(digits));
    });
    for (const cut of [1, 499, 505, 1300, 1507, 2530, 3270]) {
      const diagnosis = new Diagnosis(plain);
      const before = lines.slice(0, cut).map((line) => JSON.parse(line) as unknown);
      // What was found before stands in the log, too.
      const isBefore = ({ step }: Finding): boolean => step <= log[cut - 1]!.step;
      for (const entry of [...before, ...findings.filter(isBefore).map(findingEntry)]) diagnosis.hear(entry);
      const after = diagnose(log.slice(cut), plain, diagnosis);
      expect(after, `cut at ${cut}`).toEqual(findings.slice(findings.length - after.length));
      expect(after.length).toBe(findings.length - findings.filter(isBefore).length);
    }
  });

  it('tells oscillation once, though it listens for fast and for slow swings', () => {
    const rows = Array.from({ length: 9000 }, (_, i): Metrics => {
      const slow = 0.15 * Math.sign(Math.sin(i / 150));
      const fast = i < 5500 ? 0.3 * Math.sin(i / 10) : 0;
      return { step: i + 1, 'D(x)': 0.5, 'D(G(z))': 0.5 + slow + fast };
    });
    expect(outline(diagnose(rows))).toEqual(['500 oscillation begins']);
  });

  it('does not tell of a plateau where something else explains it', () => {
    const stuck = (diversity: number): SheetRow[] =>
      Array.from({ length: 20 }, (_, i) => ({
        step: 250 * i,
        diversity: i === 0 ? 1 : diversity,
        duplicates: 0,
        energyDistance: 0.4,
      }));
    expect(outline(diagnose(stuck(0.9)))).toEqual(['2000 plateau begins']);
    expect(outline(diagnose(stuck(0.1)))).toEqual(['1250 collapse begins']);
  });

  it('says what it means and what to try in a sentence each, with figures', () => {
    const found = diagnose(eventfulLog());
    const collapse = found.find(({ condition }) => condition === 'collapse')!;
    expect(collapse).toMatchObject({
      sentence:
        'the generator has collapsed: its samples lie 3.1 % as far apart as the data and 20 % of them have a near twin, so that many z give almost the same',
      figures: { diversity: 0.03141593, duplicates: 0.2, energyDistance: 0.3000015 },
    });
    for (const { state, sentence, advice } of found) {
      expect(sentence).toMatch(/^[a-z][^\n]*[^.\s]$/);
      if (state === 'begins') expect(advice).toMatch(/^try .* or /);
      else expect(advice).toBeUndefined();
    }
  });

  it("a critic's numbers are no probabilities: they raise no alarm", () => {
    const conditions = (game: DiagnosedGame) =>
      diagnose(eventfulLog(), game).map(({ condition }) => condition);
    expect(conditions(plain)).toEqual(
      expect.arrayContaining(['discriminatorWins', 'oscillation', 'collapse']),
    );
    expect(new Set(conditions({ loss: wasserstein }))).toEqual(new Set(['collapse', 'plateau']));
  });

  it('advises what the game does not have yet', () => {
    const adviceOf = (condition: string, game: DiagnosedGame) =>
      diagnose(eventfulLog(), game).find((finding) => finding.condition === condition)!.advice;
    expect(adviceOf('discriminatorWins', plain)).toBe(
      'try an R1 penalty (penalties=[{"r1":{"gamma":0.1}}] for points, a gamma of 2 for images); or a lower learning rate or dropout for the discriminator',
    );
    expect(adviceOf('discriminatorWins', { loss: minimax, penalties: [r1({ gamma: 0.5 })], k: 3 })).toMatch(
      /^try loss\.name=nonSaturating, .*; a heavier penalty \(gamma of r1 is 0\.5\); a smaller k \(it is 3\); or /,
    );
    expect(adviceOf('oscillation', plain)).toMatch(/ema\.decay/);
    expect(adviceOf('oscillation', { ...plain, averageDecay: 0.99 })).not.toMatch(/ema\.decay/);
    expect(adviceOf('oscillation', { ...plain, updateOrder: 'simultaneous' })).toMatch(
      /^try updateOrder=alternating; /,
    );
    expect(adviceOf('collapse', { ...plain, k: 2 })).toMatch(/more discriminator updates .*\(k is 2\)$/);
    // Which takes no other k.
    expect(adviceOf('collapse', { ...plain, updateOrder: 'simultaneous' })).not.toMatch(/updates/);
  });

  it('passes over a sheet that is not finite, as a log writes it, and rows without D', () => {
    const sheet = { step: 250, diversity: Number.NaN, duplicates: 0, energyDistance: Number.NaN };
    const diagnosis = new Diagnosis(plain);
    expect(diagnosis.sheet(sheet)).toEqual([]);
    expect(diagnosis.step({ step: 1, loss: 2 })).toEqual([]);
    const others = [{ ...sheet, diversity: 'NaN', energyDistance: 'NaN' }, 7, 'text', { step: 2 }];
    expect(others.flatMap((entry) => diagnosis.hear(entry))).toEqual([]);
    expect(outline(diagnose(eventfulLog(), plain, diagnosis))).toEqual(expected);
  });
});

describe('findingsOf', () => {
  it('reads back what findingEntry wrote, among other lines', () => {
    const findings = diagnose(eventfulLog());
    const text = [{ step: 1, lossD: 1 }, ...findings.map(findingEntry), 'text', undefined, { step: 2 }]
      .map((entry) => JSON.stringify(entry) ?? '0')
      .map((line) => JSON.parse(line) as unknown);
    expect(findingsOf(text)).toEqual(findings);
  });
});

interface RecordedRun {
  /** Means of D(x) and D(G(z)) over ten steps each. */
  readonly blocks: readonly (readonly [number, number])[];
  /** Step, diversity, duplicates, energy distance. */
  readonly sheets: readonly (readonly [number, number, number, number])[];
}

describe('no alarm in the first 5,000 steps of a preset, as scripts/diagnosis-margins.ts recorded them', () => {
  const runs = readReference<Record<string, RecordedRun>>('preset-runs');

  it.each(Object.entries(runs))('%s', (_, { blocks, sheets }) => {
    const rows = blocks.flatMap(([real, fake], block) =>
      Array.from({ length: 10 }, (__, i) => ({ step: 10 * block + i + 1, 'D(x)': real, 'D(G(z))': fake })),
    );
    const shown = sheets.map(([step, diversity, duplicates, energyDistance]) => ({
      step,
      diversity,
      duplicates,
      energyDistance,
    }));
    expect(rows.length).toBeGreaterThanOrEqual(4000);
    expect(diagnose([...rows, ...shown].sort((a, b) => a.step - b.step))).toEqual([]);
  });
});
