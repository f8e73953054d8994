import * as Plot from '@observablehq/plot';
import { plotSvg } from '../src/figures/plot.ts';
import { costsOf, type EfficiencyResults } from './efficiency-page.ts';
import { type EfficiencySet, variants } from './efficiency-variants.ts';

/** Where marks of trainings stand that did not reach the value: right of every ratio that was measured. */
const NEVER = 3;

/** Seconds to the value beside the default's, a mark for each training, as SVG. */
export function efficiencyFigure(results: EfficiencyResults): string {
  const sets: readonly EfficiencySet[] = ['ring8', 'digits'];
  const marks = sets.flatMap((set) =>
    variants[set].flatMap(({ name }) =>
      costsOf(results, set, name).map(({ secondsRatio: ratio }) => ({
        set,
        name,
        ratio: ratio ?? NEVER,
        reached: ratio !== undefined,
      })),
    ),
  );
  const at = { x: 'ratio', y: 'name', fx: 'set', stroke: 'set' };
  return plotSvg({
    width: 760,
    height: 420,
    title: 'Seconds to a fixed value, beside the preset as it is',
    subtitle: 'left of 1: sooner. A mark for each seed; crosses: not there when it was given up',
    marginLeft: 130,
    marginRight: 24,
    x: { type: 'log', domain: [0.5, NEVER * 1.1], label: 'ratio of processor seconds' },
    y: { domain: variants.ring8.map(({ name }) => name), label: null, grid: true },
    fx: { domain: [...sets], label: null },
    color: { domain: [...sets], range: ['#4269d0', '#d6603a'] },
    marks: [
      Plot.axisX([0.5, 0.7, 1, 1.5, 2], { text: String }),
      Plot.ruleX([1], { stroke: '#999' }),
      Plot.dot(
        marks.filter(({ reached }) => reached),
        { ...at, r: 4 },
      ),
      Plot.dot(
        marks.filter(({ reached }) => !reached),
        { ...at, r: 4, symbol: 'times' },
      ),
    ],
  });
}
