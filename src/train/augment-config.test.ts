import { expect, test } from 'vitest';
import { buildAugmentation } from './build-augmentation.ts';
import { resolveConfig } from './resolve-config.ts';

const augmentOf = (...set: string[]) => resolveConfig({ preset: 'digits', set }).augment;

const standardAda = {
  target: 0.6,
  speed: 500_000,
  max: 1,
  transforms: [
    ...['xflip', 'rotate90', 'xint', 'scale', 'rotate', 'aniso', 'xfrac'],
    ...['brightness', 'contrast', 'lumaflip', 'hue', 'saturation'],
  ],
};

test.each([
  [['augment=color,translation'], 'color,translation', 'diffAugment'],
  [['augment={"diffAugment":["cutout"]}'], { diffAugment: ['cutout'] }, 'diffAugment'],
  [['augment={"ada":{}}'], { ada: standardAda }, 'ada'],
  [['augment={"ada":{}}', 'augment.ada.max=0.3'], { ada: { ...standardAda, max: 0.3 } }, 'ada'],
  [
    ['augment={"ada":{"transforms":{"hue":0.5,"cutout":1}}}'],
    { ada: { ...standardAda, transforms: { hue: 0.5, cutout: 1 } } },
    'ada',
  ],
])('%s is taken', (set, resolved, name) => {
  expect(augmentOf(...set)).toEqual(resolved);
  expect(buildAugmentation(augmentOf(...set)!).name).toBe(name);
});

test('one kind takes the place of the other, and null takes it away', () => {
  const file = { preset: 'digits', augment: { ada: { max: 0.5 } } };
  expect(resolveConfig({ file, set: ['augment={"diffAugment":["color"]}'] }).augment).toEqual({
    diffAugment: ['color'],
  });
  expect(resolveConfig({ file, set: ['augment=null'] }).augment).toBeUndefined();
});

test.each([
  ['colour', 'augment must be some of color, translation, cutout with commas between, each at most once'],
  [
    'color,color',
    'augment must be some of color, translation, cutout with commas between, each at most once',
  ],
  [
    '{"diffAugment":["colr"]}',
    'augment.diffAugment[0] must be one of color, translation, cutout, got "colr". Did you mean color?',
  ],
  ['{"diffAugment":[]}', 'augment.diffAugment must hold at least one entry, got []'],
  [
    '{"adda":{}}',
    'augment must be policies of DiffAugment, "color,translation,cutout" or {"diffAugment": [...]}',
  ],
  ['{"ada":{"targt":1}}', 'unknown key in augment.ada: targt. One of target, speed, max, transforms.'],
  ['{"ada":{"target":2}}', 'augment.ada.target must be at most 1, got 2'],
  ['{"ada":{"max":0}}', 'augment.ada.max must be greater than 0, got 0'],
  ['{"ada":{"transforms":["hue","hue"]}}', 'augment.ada.transforms must name each at most once'],
  ['{"ada":{"transforms":{}}}', 'augment.ada.transforms must name at least one, got {}'],
  ['{"ada":{"transforms":{"hu":1}}}', 'unknown key in augment.ada.transforms: hu. One of xflip'],
])('%s is refused', (value, message) => {
  expect(() => augmentOf(`augment=${value}`)).toThrow(`config: ${message}`);
});

test('points cannot be augmented', () => {
  expect(() => resolveConfig({ preset: 'ring8', set: ['augment=color'] })).toThrow(
    'config: augment must be left out for points: augmentations change images, got "color"',
  );
});
