import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../train/diagnosis.ts';
import type { CommandStreams } from './load-progress.ts';
import { jsonReport, textReport } from './train-report.ts';

/** Streams that keep what is written. */
function streams(isTTY: boolean): { given: CommandStreams; out: string[]; err: string[] } {
  const [out, err]: [string[], string[]] = [[], []];
  const keep = (into: string[]) => ({ isTTY, write: (text: string) => into.push(text) > 0 });
  return { given: { stdout: keep(out), stderr: keep(err) } as unknown as CommandStreams, out, err };
}

const finding: Finding = {
  step: 1200,
  condition: 'plateau',
  state: 'begins',
  sentence: 'training has stalled',
  advice: 'try larger rates',
  figures: { energyDistance: 0.2 },
};
const begun = { type: 'diagnosis', ...finding } as const;

describe('a finding', () => {
  it('is one line among the talk, with its step, what it means and what to try', () => {
    const { given, out, err } = streams(false);
    textReport(given).event(begun);
    const { advice: _, ...ended } = { ...begun, state: 'ends', sentence: 'training goes on' } as const;
    textReport(given).event(ended);
    // Without colours, which a terminal alone would get.
    expect(err.map(stripVTControlCharacters)).toEqual([
      'step 1200: training has stalled. Try larger rates.\n',
      'step 1200: training goes on.\n',
    ]);
    expect(out).toEqual([]);
  });

  it('is an object of its own with --json', () => {
    const { given, out, err } = streams(false);
    jsonReport(given).event(begun);
    expect(out.map((line) => JSON.parse(line))).toEqual([{ type: 'diagnosis', ...finding }]);
    expect(err).toEqual([]);
  });
});
