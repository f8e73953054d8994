import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { computeFigure1 } from './figure1.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ threads: 1 });
});
afterAll(() => session.release());

// A short run is far from converged; what it draws is exact all the same. `zerosum reproduce figure1` checks the long one.
it('figure 1 has exact densities at any time, and a D that follows D* when it is trained alone', async () => {
  const lines: string[] = [];
  const { moments, checks, figure } = await computeFigure1({
    session,
    steps: 300,
    log: (line) => lines.push(line),
  });
  expect(moments.map(({ name }) => name.slice(0, 3))).toEqual(['(a)', '(b)', '(c)', '(d)']);
  expect(lines).toHaveLength(4);
  for (const { jsd, massError, gridError } of moments) {
    expect(jsd).toBeGreaterThan(0);
    expect(jsd).toBeLessThan(Math.LN2);
    expect(massError).toBeLessThan(1e-5);
    expect(gridError).toBeLessThan(1e-5);
  }
  const [a, b] = moments;
  expect(b!.jsd).toBe(a!.jsd);
  expect(b!.distanceToOptimal).toBeLessThan(0.6 * a!.distanceToOptimal);
  expect(checks.length).toBeGreaterThan(5);
  expect(figure.svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(figure.svg.length).toBeLessThan(300_000);
});
