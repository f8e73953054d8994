import * as Plot from '@observablehq/plot';
import { gaussians1d } from '../../data/toy.ts';
import { panels } from '../../figures/panels.ts';
import { plotSvg } from '../../figures/plot.ts';
import { densityAt, gaussianDensity } from '../../theory/density.ts';
import { type FitCriterion, fitGaussian, type GaussianFit } from '../../theory/gaussian-fit.ts';
import { densityOf } from '../../theory/toy-densities.ts';
import { atMost, near, type Statement, shown } from '../statement.ts';
import { apart, paper } from './colours.ts';

const criteria: readonly FitCriterion[] = ['KL(data || model)', 'KL(model || data)', 'JSD'];
const DEVIATION = 0.5;
const HALF_DISTANCES = [1, 2, 3] as const;

interface Fits {
  readonly half: number;
  /** The best fit by each criterion, of all starts. */
  readonly best: Readonly<Record<FitCriterion, GaussianFit>>;
}

function fitsAt(half: number): Fits {
  const data = densityOf(gaussians1d({ means: [-half, half], deviations: [DEVIATION, DEVIATION] }));
  const best = Object.fromEntries(
    criteria.map((criterion) => {
      const fits = fitGaussian(data, criterion, [
        [0, half],
        [half, DEVIATION],
      ]);
      return [criterion, fits.reduce((a, b) => (b.value < a.value ? b : a))];
    }),
  ) as unknown as Fits['best'];
  return { half, best };
}

function panel({ half, best }: Fits, legend: boolean): string {
  const data = densityOf(gaussians1d({ means: [-half, half], deviations: [DEVIATION, DEVIATION] }));
  const xs = Array.from({ length: 241 }, (_, i) => -6 + i / 20);
  const fits = criteria.flatMap((criterion) => {
    const { mean, deviation } = best[criterion];
    return xs.map((x) => ({ x, p: densityAt(gaussianDensity([mean], deviation), x), criterion }));
  });
  return plotSvg({
    width: 330,
    height: 260,
    title: `Modes at ±${half}`,
    color: { legend, domain: [...criteria], range: [apart[3]!, apart[0]!, apart[1]!] },
    x: { label: 'x' },
    y: { label: 'density', domain: [0, 0.85] },
    marks: [
      Plot.areaY(xs, {
        x: (x: number) => x,
        y: (x: number) => densityAt(data, x),
        fill: paper.data,
        fillOpacity: 0.12,
      }),
      Plot.lineY(xs, {
        x: (x: number) => x,
        y: (x: number) => densityAt(data, x),
        stroke: paper.data,
        strokeDasharray: '2,3',
        strokeWidth: 1.75,
      }),
      // JSD's fit often lies on one of the others: a thin line on broad ones shows both.
      Plot.lineY(fits, {
        filter: (row: (typeof fits)[0]) => row.criterion !== 'JSD',
        x: 'x',
        y: 'p',
        stroke: 'criterion',
        strokeWidth: 4.5,
        strokeOpacity: 0.6,
      }),
      Plot.lineY(fits, {
        filter: (row: (typeof fits)[0]) => row.criterion === 'JSD',
        x: 'x',
        y: 'p',
        stroke: 'criterion',
        strokeWidth: 1.75,
      }),
      Plot.ruleY([0]),
    ],
  });
}

/** One Gaussian for two modes: what each divergence makes of a model that is too small. */
export function divergenceFits(): Statement {
  const fits = HALF_DISTANCES.map(fitsAt);
  const at = (half: number) => fits.find((row) => row.half === half)!.best;
  const near3 = at(3);
  return {
    id: 'divergences',
    title: 'One Gaussian for two modes: KL invents, reverse KL drops, JSD does either',
    formula: String.raw`\begin{aligned}
&\min_{m,s} \mathrm{KL}(p_{\mathrm{data}} \,\|\, N(m, s^2)) \\
&\min_{m,s} \mathrm{KL}(N(m, s^2) \,\|\, p_{\mathrm{data}}) \\
&\min_{m,s} \mathrm{JSD}(p_{\mathrm{data}} \,\|\, N(m, s^2))
\end{aligned}`,
    source: 'Goodfellow et al. 2014, section 2 and Theorem 1; the comparison: Theis et al. 2016, section 2',
    text: [
      `A model that cannot be the data shows what a divergence cares for. Data: two Gaussians of deviation ${DEVIATION} at ±d; model: one Gaussian, fitted by quadrature and a simplex search from the middle and from a mode.`,
      `KL(data || model), maximum likelihood, pays for data that the model misses: its fit spans both modes and puts most of its mass between them, where no data is. It has the data's mean and variance, s² = d² + ${DEVIATION ** 2}. KL(model || data) pays for samples where no data is: as soon as the modes are apart it sits on one, at a price of log 2 = ${shown(Math.LN2)}. JSD, what an optimal D gives G to descend, spans both at d = 1 and d = 2 and drops one at d = 3, where one mode costs ${shown(near3.JSD.value, 4)} nats: a GAN that drops modes does nothing that its criterion forbids.`,
    ],
    checks: [
      ...HALF_DISTANCES.map((half) =>
        near(
          `s of the KL(data || model) fit at d = ${half}`,
          at(half)['KL(data || model)'].deviation,
          Math.sqrt(half ** 2 + DEVIATION ** 2),
          1e-3,
        ),
      ),
      near(
        '|m| of the KL(model || data) fit at d = 2: on one mode',
        Math.abs(at(2)['KL(model || data)'].mean),
        2,
        0.01,
      ),
      near('KL(model || data) there', at(2)['KL(model || data)'].value, Math.LN2, 1e-3),
      atMost('|m| of the JSD fit at d = 2: between the modes', Math.abs(at(2).JSD.mean), 0.01),
      near('|m| of the JSD fit at d = 3: on one mode', Math.abs(near3.JSD.mean), 3, 0.01),
    ],
    tables: [
      {
        columns: ['d', ...criteria.map((criterion) => `${criterion}: m, s, value`)],
        rows: fits.map(({ half, best }) => [
          half,
          ...criteria.map((criterion) => {
            const { mean, deviation, value } = best[criterion];
            // A mean of 1e-9 is 0.
            const m = Math.abs(mean) < 1e-3 ? 0 : mean;
            return `${shown(Math.abs(m), 3)}, ${shown(deviation, 3)}, ${shown(value, 3)}`;
          }),
        ]),
      },
    ],
    figures: [
      {
        name: 'theory-divergences',
        svg: panels(
          fits.map((row) => panel(row, true)),
          { columns: 3 },
        ),
        caption:
          'The best single Gaussian by three divergences, data dotted: mode invention, mode dropping, and one after the other.',
      },
    ],
  };
}
