import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { theoryPage } from '../../../scripts/theory-page.ts';
import { gaussians1d } from '../../data/toy.ts';
import { decodePng } from '../../io/png.ts';
import { openSession } from '../../runtime/node-session.ts';
import type { Session } from '../../runtime/session.ts';
import { optimalDiscriminator } from '../../theory/divergences.ts';
import { densityOf } from '../../theory/toy-densities.ts';
import { writeFigures } from '../disk/figure-files.ts';
import { atMost, near, type Statement, shown } from '../statement.ts';
import { counterExample } from './counter-example.ts';
import { theoremOne } from './criterion.ts';
import { propositionTwo } from './descent.ts';
import { diracGan } from './dirac.ts';
import { divergenceFits } from './fits.ts';
import { trainOnPair } from './fixed-pair.ts';
import { single } from './toy-data.ts';
import { saturation } from './winning-discriminator.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ threads: 1 });
});
afterAll(() => session.release());

const page = readFileSync(new URL('../../../docs/theory.md', import.meta.url), 'utf8');

// The two that train for half a minute are left to `zerosum reproduce theory`; what they train with is tested below.
describe.each([
  ['theorem 1', theoremOne],
  ['proposition 2', propositionTwo],
  ['parameters', counterExample],
  ['divergences', divergenceFits],
  ['saturation', saturation],
  ['the Dirac-GAN', diracGan],
] as const)('%s', (_, compute) => {
  let statement: Statement;
  beforeAll(async () => {
    statement = await compute(session);
  });

  it('holds', () => {
    expect(statement.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(statement.checks.length).toBeGreaterThan(4);
  });

  it('has figures that are small and whole', () => {
    expect(statement.figures.length).toBeGreaterThan(0);
    for (const { svg, caption } of statement.figures) {
      expect(svg.length).toBeLessThan(300_000);
      expect(svg).toMatch(/^<svg [^>]*width="\d+" height="\d+"/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(caption.length).toBeGreaterThan(20);
    }
  });

  it('stands in docs/theory.md with its formula, source, checks and figures', () => {
    expect(page).toContain(`## ${statement.title}`);
    expect(page).toContain(statement.formula);
    expect(page).toContain(statement.source);
    for (const { what } of statement.checks) expect(page).toContain(what.replaceAll('|', '\\|'));
    for (const { name } of statement.figures) expect(page).toContain(`images/${name}.svg`);
  });
});

it('figures are written as SVG and PNG', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerosum-figures-'));
  try {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="9" height="9"/></svg>';
    const files = await writeFigures('test', folder, [{ name: 'one', svg, caption: 'a square' }]);
    expect(files).toEqual([join(folder, 'one.svg'), join(folder, 'one.png')]);
    expect(readFileSync(files[0]!, 'utf8')).toBe(svg);
    expect(decodePng(readFileSync(files[1]!))).toMatchObject({ width: 60, height: 40 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('D alone comes near D*, and a run gives the same numbers again', async () => {
  const data = gaussians1d();
  const model = single(1, 1.2);
  const points = { dtype: 'float32', shape: [5, 1], data: Float32Array.of(-2, -1, 0, 1, 2) } as const;
  const train = async () => {
    const { logits } = await trainOnPair(session, { data, model, hidden: [16, 16], steps: 400, seed: 1 });
    return logits(points);
  };
  const first = await train();
  const d = Array.from(first, (logit) => 1 / (1 + Math.exp(-logit)));
  const expected = [...points.data].map((x) => optimalDiscriminator(densityOf(data), densityOf(model), x));
  expect(d).toBeAllClose(expected, { rtol: 0, atol: 0.06 });
  expect(await train()).toEqual(first);
});

describe('a statement that fails', () => {
  const failing: Statement = {
    id: 'no',
    title: 'One is two',
    formula: '1 = 2',
    source: 'nobody',
    text: ['It is not.'],
    checks: [near('one | two', 1, 2, 0.5), atMost('one', 1, 1)],
    figures: [],
  };

  it('is seen in its checks', () => {
    expect(failing.checks.map(({ passed }) => passed)).toEqual([false, true]);
    expect(atMost('not a number', Number.NaN, 1).passed).toBe(false);
  });

  it('is said on the page', () => {
    const text = theoryPage({
      statements: [{ ...failing, passed: false, seconds: 1 }],
      passed: false,
      seconds: 1,
    });
    expect(text).toContain('| one \\| two | 1        | 2 within 0.5 | **no** |');
    expect(text).toContain('1 of 2 hold');
  });

  it('has its numbers shown in few digits', () => {
    expect([0, 12, 0.123456, 1.5e-9, 2.25e7, Number.POSITIVE_INFINITY].map((value) => shown(value))).toEqual([
      '0',
      '12',
      '0.1235',
      '1.5e-9',
      '2.3e7',
      '∞',
    ]);
  });
});
