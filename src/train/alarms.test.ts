import { describe, expect, it } from 'vitest';
import { type Alarm, collapse, discriminatorWins, oscillation, plateau, type SheetRow } from './alarms.ts';

/** What D says at a step. */
type Says = (step: number) => { readonly real: number; readonly fake: number };

/** The steps at which an alarm's condition holds, of those at which it judges. */
function listen(alarm: Alarm, steps: number, says: Says, every = 1): { holds: number[]; over: number[] } {
  const heard = { holds: [] as number[], over: [] as number[] };
  for (let step = every; step <= steps; step += every) {
    const { real, fake } = says(step);
    const verdict = alarm.step!({ step, 'D(x)': real, 'D(G(z))': fake });
    if (verdict?.holds) heard.holds.push(step);
    if (verdict?.over) heard.over.push(step);
  }
  return heard;
}

const sheet = (step: number, figures: Partial<SheetRow> = {}): SheetRow => ({
  step,
  diversity: 1,
  duplicates: 0,
  energyDistance: 0.001,
  ...figures,
});

/** The steps at which an alarm's condition holds, one sheet after the other. */
const holdsAt = (alarm: Alarm, sheets: readonly SheetRow[]): number[] =>
  sheets.filter((row) => alarm.sheet!(row)?.holds).map(({ step }) => step);

const always =
  (real: number, fake: number): Says =>
  () => ({ real, fake });

describe('discriminatorWins', () => {
  it('holds where D takes next to nothing for real in 500 steps', () => {
    const { holds } = listen(discriminatorWins(), 600, always(0.99, 0.009));
    expect(holds[0]).toBe(500);
    expect(holds).toHaveLength(11);
  });

  it('holds under label smoothing, where D(x) stays at the smoothed target', () => {
    expect(listen(discriminatorWins(), 500, always(0.9, 0.001)).holds).toEqual([500]);
  });

  it('does not hold where D leads as in the released recipe, or calls everything fake', () => {
    for (const says of [always(0.96, 0.03), always(0.5, 0.001), always(0.5, 0.5)])
      expect(listen(discriminatorWins(), 2000, says).holds).toEqual([]);
  });

  it('forgets what was more than 500 steps ago', () => {
    const says: Says = (step) => ({ real: 0.99, fake: step <= 100 ? 0.9 : 0.001 });
    expect(listen(discriminatorWins(), 700, says).holds[0]).toBe(600);
  });

  it('is over where D errs again, and where the samples come nearer to the data all the same', () => {
    const says: Says = (step) => ({ real: 0.99, fake: step <= 500 ? 0.001 : 0.1 });
    const { holds, over } = listen(discriminatorWins(), 700, says);
    // 40 of 500 steps at 0.1 make 0.009, 100 of them 0.021.
    expect([holds.at(-1), over[0]]).toEqual([540, 600]);

    const learning = discriminatorWins();
    learning.sheet!(sheet(0, { energyDistance: 0.3 }));
    learning.sheet!(sheet(500, { energyDistance: 0.26 }));
    expect(listen(learning, 500, always(0.99, 0.001))).toEqual({ holds: [], over: [500] });
    const stuck = discriminatorWins();
    stuck.sheet!(sheet(0, { energyDistance: 0.3 }));
    stuck.sheet!(sheet(500, { energyDistance: 0.28 }));
    expect(listen(stuck, 500, always(0.99, 0.001))).toEqual({ holds: [500], over: [] });
  });

  it('manages with five rows in 500 steps, and is silent with fewer', () => {
    expect(listen(discriminatorWins(), 1000, always(0.99, 0.001), 100).holds[0]).toBe(600);
    expect(listen(discriminatorWins(), 5000, always(0.99, 0.001), 200).holds).toEqual([]);
  });
});

describe('oscillation', () => {
  const wave =
    (period: number, amplitude: number): Says =>
    (step) => ({ real: 0.6, fake: 0.4 + amplitude * Math.sin((2 * Math.PI * step) / period) });

  it('holds where D(G(z)) swings by more than 0.1 to both sides, from the first full window on', () => {
    for (const period of [20, 60, 140]) {
      const { holds } = listen(oscillation(10), 500, wave(period, 0.3));
      expect([period, holds]).toEqual([period, [500]]);
    }
    expect(listen(oscillation(10), 2000, wave(60, 0.09)).holds).toEqual([]);
  });

  it('with long blocks hears slow swings that short ones miss', () => {
    expect(listen(oscillation(10), 6000, wave(1200, 0.3)).holds).toEqual([]);
    expect(listen(oscillation(100), 6000, wave(1200, 0.3)).holds[0]).toBe(5000);
    // And averages the fast ones out.
    expect(listen(oscillation(100), 6000, wave(50, 0.3)).holds).toEqual([]);
  });

  it('is not deceived by noise from step to step, a drift, or one swing', () => {
    // Between 0.1 and 0.7 with equal chance, a multiplicative hash.
    const noise: Says = (step) => ({
      real: 0.6,
      fake: 0.1 + (0.6 * (Math.imul(step, 2654435761) >>> 0)) / 2 ** 32,
    });
    const drift: Says = (step) => ({ real: 0.6, fake: 0.5 / (1 + step / 300) });
    const swing: Says = (step) => ({ real: 0.6, fake: step > 200 && step < 400 ? 0.8 : 0.2 });
    for (const says of [noise, drift, swing]) expect(listen(oscillation(10), 1500, says).holds).toEqual([]);
  });

  it('is over where at most one swing is left', () => {
    const calming: Says = (step) => ({ real: 0.6, fake: step <= 600 ? wave(60, 0.3)(step).fake : 0.4 });
    const { holds, over } = listen(oscillation(10), 1200, calming);
    expect(holds[0]).toBe(500);
    expect(over[0]).toBeGreaterThan(holds.at(-1)!);
    expect(over[0]).toBeLessThanOrEqual(1100);
  });

  it('is silent where rows are too few for a mean over a block', () => {
    expect(listen(oscillation(10), 3000, wave(140, 0.3), 5).holds).toEqual([]);
    expect(listen(oscillation(100), 6000, wave(1200, 0.3), 20).holds[0]).toBe(5000);
  });
});

describe('collapse', () => {
  const every250 = (count: number, figures: (step: number) => Partial<SheetRow>): SheetRow[] =>
    Array.from({ length: count }, (_, i) => sheet(250 * i, figures(250 * i)));

  it('holds after 1,000 steps of samples that are too alike, or twins of each other', () => {
    const alike = { diversity: 0.1, energyDistance: 0.5 };
    const twins = { diversity: 0.9, duplicates: 0.95, energyDistance: 0.5 };
    for (const figures of [alike, twins])
      expect(holdsAt(collapse(), [sheet(0), ...every250(8, () => figures).slice(1)])).toEqual([
        1250, 1500, 1750,
      ]);
  });

  it('needs three sheets, however far apart', () => {
    const alike = { diversity: 0.1, energyDistance: 0.5 };
    expect(
      holdsAt(
        collapse(),
        [2500, 5000, 7500].map((step) => sheet(step, alike)),
      ),
    ).toEqual([7500]);
  });

  it('does not hold where samples vary as half the data does, nor where a sheet in between is as alike', () => {
    const half = every250(12, () => ({ diversity: 0.55, duplicates: 0.85, energyDistance: 0.5 }));
    expect(holdsAt(collapse(), half)).toEqual([]);
    const once = every250(12, (step) => (step % 1500 === 500 ? { diversity: 0.1 } : {}));
    expect(holdsAt(collapse(), once)).toEqual([]);
  });

  it('does not hold of a generator that starts with one image for every z', () => {
    // The preset mnist: it begins at the mean image, and varies more from sheet to sheet.
    const rising = [0.08, 0.16, 0.4, 0.64, 0.8, 0.89];
    const distances = [0.243, 0.196, 0.09, 0.027, 0.008, 0.003];
    const mnist = rising.map((diversity, i) =>
      sheet(500 * i, { diversity, duplicates: i < 3 ? 1 : 0.1, energyDistance: distances[i]! }),
    );
    expect(holdsAt(collapse(), mnist)).toEqual([]);
    // One that does not learn at all has not collapsed either: that is a plateau.
    const idle = every250(12, () => ({ diversity: 0.05, duplicates: 1, energyDistance: 0.26 }));
    expect(holdsAt(collapse(), idle)).toEqual([]);
    expect(holdsAt(plateau(), idle)[0]).toBe(2000);
  });

  it('is over where samples vary again, by a margin', () => {
    const alarm = collapse();
    const over = [0.3, 0.55, 0.6].map(
      (diversity, i) => alarm.sheet!(sheet(100 * i + 100, { diversity }))!.over,
    );
    expect(over).toEqual([false, false, true]);
    expect(alarm.sheet!(sheet(500, { duplicates: 0.85 }))!.over).toBe(false);
  });
});

describe('plateau', () => {
  const at = (...distances: readonly number[]): SheetRow[] =>
    distances.map((energyDistance, i) => sheet(500 * i, { energyDistance }));

  it('holds where 2,000 steps brought the samples less than a tenth closer, and they are not there', () => {
    expect(holdsAt(plateau(), at(0.3, 0.2, 0.19, 0.19, 0.185, 0.19, 0.19))).toEqual([2500, 3000]);
    expect(holdsAt(plateau(), at(0.3, 0.2, 0.19, 0.19, 0.179, 0.19))).toEqual([]);
  });

  it('does not hold of samples that are as good as the data, however long', () => {
    expect(holdsAt(plateau(), at(0.3, ...new Array(30).fill(0.002)))).toEqual([]);
    // Unbiased estimates of 0 are negative at times.
    expect(holdsAt(plateau(), at(0.3, ...new Array(30).fill(-0.001)))).toEqual([]);
  });

  it('needs three sheets since', () => {
    const rare = [0, 2500, 5000, 7500].map((step) => sheet(step, { energyDistance: 0.2 }));
    expect(holdsAt(plateau(), rare)).toEqual([7500]);
  });

  it('is over where the distance has fallen by a fifth, or to 0.05', () => {
    const overAt = (...then: readonly number[]): number[] => {
      const alarm = plateau();
      return at(0.2, 0.2, 0.2, 0.2, 0.2, ...then)
        .filter((row) => alarm.sheet!(row)?.over)
        .map(({ step }) => step);
    };
    expect(overAt(0.19, 0.17, 0.15)).toEqual([3500]);
    const alarm = plateau();
    expect(
      at(0.055, 0.055, 0.055, 0.055, 0.055, 0.05)
        .map((row) => alarm.sheet!(row)?.over)
        .at(-1),
    ).toBe(true);
  });
});
