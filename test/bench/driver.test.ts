import { afterEach, describe, expect, test } from 'vitest';
import { EngineChild } from '../../bench/engine-child.ts';
import { type MeasureOptions, measure, type Row } from '../../bench/measure.ts';
import { stepFlags, stepOptions } from '../../bench/protocol.ts';
import { ratio, reference, table } from '../../bench/results.ts';
import { type EngineName, paperSuite, type Scenario } from '../../bench/scenarios.ts';

const children: EngineChild[] = [];
afterEach(() => Promise.all(children.splice(0).map((child) => child.close())));

/** An engine that is a line of JavaScript. */
function engine(source: string): EngineChild {
  const child = new EngineChild({ program: process.execPath, arguments: ['-e', source] });
  children.push(child);
  return child;
}

const ready = { engine: 'Echo 1', threads: 1, parameters: 3, note: '' };
const sayReady = `console.log(${JSON.stringify(JSON.stringify({ ready }))});`;
const answer = (reply: string): string =>
  `require('readline').createInterface({ input: process.stdin }).on('line', (line) => ${reply});`;

describe('an engine in a child process', () => {
  test('answers requests in order', async () => {
    const child = engine(
      sayReady + answer('console.log(JSON.stringify({ seconds: JSON.parse(line).iterations / 4 }))'),
    );
    expect(await child.ready(10_000)).toEqual(ready);
    expect(await child.run(2, 10_000)).toEqual({ seconds: 0.5 });
    expect(await child.run(8, 10_000)).toEqual({ seconds: 2 });
  });

  test('says why it is not there', async () => {
    await expect(engine(`console.log('{"unavailable":"no PyTorch"}')`).ready(10_000)).rejects.toThrow(
      'no PyTorch',
    );
    await expect(engine(`throw new Error('broken kernel')`).ready(10_000)).rejects.toThrow();
    const missing = new EngineChild({ program: '/nowhere/python3', arguments: [] });
    await expect(missing.ready(10_000)).rejects.toThrow('/nowhere/python3');
    await missing.close();
  });

  test('that dies in its turn gives its last words', async () => {
    const child = engine(sayReady + answer(`{ console.error('out of memory'); process.exit(1); }`));
    await child.ready(10_000);
    await expect(child.run(1, 10_000)).rejects.toThrow('out of memory');
  });

  test('that is silent is given up and ended', async () => {
    const child = engine(sayReady + answer('0'));
    await child.ready(10_000);
    await expect(child.run(1, 50)).rejects.toThrow('no answer within');
    await child.close();
  });
});

test('options survive the way through flags', () => {
  const options = {
    mode: 'sample',
    optimiser: 'adam',
    threads: 2,
    batch: 1000,
    widthScale: 1.5787,
    network: 'dcgan',
    size: 64,
    penalty: 'r1',
  } as const;
  expect(stepOptions(stepFlags(options))).toEqual(options);
});

describe('a measurement', () => {
  const contestants = [
    { engine: 'zerosum', threads: 2 },
    { engine: 'PyTorch', threads: 1 },
    { engine: 'jax-js', threads: 1 },
  ] as const;
  const scenario: Scenario = { ...paperSuite.scenarios[0]!, contestants };
  const options = (programs: Record<string, string>): MeasureOptions => ({
    command: (engine: EngineName) => {
      const source = programs[engine];
      if (source === undefined) throw new Error('not installed');
      return { program: process.execPath, arguments: ['-e', source] };
    },
    rounds: 2,
    turnSeconds: 0.001,
    deadlineMs: Number.POSITIVE_INFINITY,
    log: () => {},
  });
  const reply = (seconds: string): string => answer(`console.log('{"seconds":${seconds},"lossD":1.5}')`);

  test('counts what an engine really ran, and keeps who is missing', async () => {
    const { rows, absences } = await measure(
      scenario,
      options({ zerosum: sayReady + reply('1,"iterations":10'), PyTorch: sayReady + reply('0.25') }),
    );
    expect(rows.map(({ engine, seconds }) => [engine, seconds])).toEqual([
      ['zerosum', [0.1, 0.1]],
      ['PyTorch', [0.25, 0.25]],
    ]);
    expect(rows[0]!.losses).toEqual({ lossD: 1.5 });
    expect(absences).toEqual([{ engine: 'jax-js', threads: 1, reason: 'not installed' }]);
  });

  test('refuses engines that train different networks', async () => {
    const other = sayReady.replace('\\"parameters\\":3', '\\"parameters\\":4');
    expect(other).not.toBe(sayReady);
    const programs = { zerosum: sayReady + reply('1'), PyTorch: other + reply('1') };
    await expect(measure(scenario, options(programs))).rejects.toThrow(
      'got 3 parameters in Echo 1 and 4 in Echo 1',
    );
  });

  test('goes on without an engine that dies in a later turn', async () => {
    const dies = `let n = 0; ${answer(`{ if (n++ === 3) process.exit(1); console.log('{"seconds":1}'); }`)}`;
    const { rows, absences } = await measure(
      scenario,
      options({ zerosum: sayReady + reply('1'), PyTorch: sayReady + dies }),
    );
    expect(rows.map(({ engine }) => engine)).toEqual(['zerosum']);
    expect(rows[0]!.seconds).toHaveLength(2);
    expect(absences.map(({ engine }) => engine)).toEqual(['jax-js', 'PyTorch']);
  });
});

describe('results', () => {
  const row = (engine: Row['engine'], threads: number, seconds: readonly number[]): Row => ({
    engine,
    threads,
    ready: { engine, threads, parameters: 1, note: `${engine}'s note` },
    seconds,
    losses: {},
  });
  const slow = row('PyTorch', 1, [0.2, 0.4, 0.2]);
  const best = row('PyTorch', 2, [0.1, 0.3, 0.1]);
  const ours = row('zerosum', 2, [0.05, 0.15, 0.09]);

  test('compare with the better thread setting, round by round', () => {
    expect(reference([ours, slow, best])).toBe(best);
    // The second round was slow for everybody: its ratio is as good as any.
    expect(ratio(ours, best)).toBeCloseTo(0.5, 12);
    expect(ratio(best, best)).toBe(1);
  });

  test('say who is missing and why, and each note once', () => {
    const absences = [{ engine: 'jax-js', threads: 1, reason: 'not installed' } as const];
    const text = table({ scenario: paperSuite.scenarios[0]!, rows: [ours, slow, best], absences });
    expect(text).toContain('| zerosum | 2 | 90.0 | 50.0 | 150 | 0.50 x |');
    expect(text).toContain('- jax-js, 1 threads: not measured: not installed');
    expect(text.match(/PyTorch's note/g)).toHaveLength(1);
  });

  test('without PyTorch give times and no ratios', () => {
    expect(table({ scenario: paperSuite.scenarios[0]!, rows: [ours], absences: [] })).toContain(
      '| 150 | - |',
    );
  });
});
