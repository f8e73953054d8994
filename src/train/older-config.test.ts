import { expect, it } from 'vitest';
import { fromOlderConfig } from './older-config.ts';
import { parseConfig, resolveConfig, resumeConfig } from './resolve-config.ts';

const { preset, penalties: _, ...rest } = resolveConfig({ preset: 'ring8' });
/** The preset ring8 as earlier versions wrote it into a run's config.json. */
const older = { preset, ...rest, loss: { ...rest.loss, r1Gamma: 0.1 } };

it('the weight of R1 in a loss becomes the penalty that it was', () => {
  expect(parseConfig(fromOlderConfig(older))).toEqual(resolveConfig({ preset: 'ring8' }));
  expect(fromOlderConfig({ ...older, loss: { ...older.loss, r1Gamma: 0 } })).toMatchObject({ penalties: [] });
});

it('what says nothing of it is left as it is', () => {
  for (const config of [
    {},
    { steps: 4 },
    { loss: { name: 'minimax' } },
    { loss: 3 },
    { penalties: [], loss: {} },
  ])
    expect(fromOlderConfig(config)).toBe(config);
});

it("an older run's config is a file that resolves, and a run that goes on", () => {
  expect(resolveConfig({ file: older })).toEqual(resolveConfig({ preset: 'ring8' }));
  const saved = parseConfig(fromOlderConfig(older));
  expect(resumeConfig(saved, { flags: { steps: 9000 } })).toEqual({ ...saved, steps: 9000 });
});
