import type { JSX } from 'preact';
import type { DiscriminatorHistogram, RunDetail } from '../../src/server/api.ts';
import { getJson, runPath } from './api-client.ts';
import { nearest } from './nearest-number.ts';
import { formatCount, formatFigure } from './number-format.ts';
import { useResource } from './resource.ts';

const [WIDTH, HEIGHT] = [400, 130];

/** What D says of real examples and of samples, at the checkpoint that is nearest to a step. */
export function DiscriminatorHistogramFigure({
  detail: { summary, checkpoints, dataRefused },
  step,
}: {
  readonly detail: RunDetail;
  readonly step: number;
}): JSX.Element | null {
  const checkpoint = nearest(checkpoints, step);
  const isPossible = checkpoint !== undefined && dataRefused === undefined;
  const { value, failure } = useResource(isPossible ? `${summary.id} ${checkpoint}` : undefined, 0, () =>
    getJson<DiscriminatorHistogram>(runPath(summary.id, `/histograms?step=${checkpoint}`)),
  );
  return (
    <figure class="histogram" data-testid="histogram">
      <figcaption>
        <h3>What D says of each</h3>
        {value && <span class="quiet">checkpoint of step {formatCount(value.step)}</span>}
      </figcaption>
      {value && <Bars histogram={value} />}
      {!value && (
        <p class="quiet">
          {dataRefused ??
            failure?.message ??
            (checkpoint === undefined
              ? 'It needs a checkpoint; there is none yet.'
              : 'D decides on 500 of each')}
        </p>
      )}
    </figure>
  );
}

function Bars({ histogram }: { readonly histogram: DiscriminatorHistogram }): JSX.Element {
  const { edges, real, fake, mean, count, unit } = histogram;
  const most = Math.max(...real, ...fake, 1);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const x = (value: number): number => ((value - low) / (high - low)) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / most) * (HEIGHT - 6);
  const outline = (counts: readonly number[]): string =>
    `M0 ${HEIGHT}${counts.map((value, bin) => `L${x(edges[bin]!)} ${y(value)}H${x(edges[bin + 1]!)}`).join('')}V${HEIGHT}Z`;
  const name = unit === 'probability' ? 'D(x)' : 'logit';
  const meansOf = `Mean of ${count} real examples ${formatFigure(mean.real, 3)}, of as many samples ${formatFigure(mean.fake, 3)}`;
  return (
    <>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Histogram of ${name}. ${meansOf}`}
      >
        <path class="of-real" d={outline(real)} />
        <path class="of-fake" d={outline(fake)} />
        <line class="of-real" x1={x(mean.real)} x2={x(mean.real)} y1={0} y2={HEIGHT} />
        <line class="of-fake" x1={x(mean.fake)} x2={x(mean.fake)} y1={0} y2={HEIGHT} />
      </svg>
      <p class="scale quiet">
        <span>{formatFigure(low, 3)}</span>
        <span>{unit === 'probability' ? 'D’s probability that it is real' : 'what the critic says'}</span>
        <span>{formatFigure(high, 3)}</span>
      </p>
      <ul class="legend">
        <li>
          <i class="swatch real" aria-hidden="true" />
          real, mean <span class="value">{formatFigure(mean.real, 3)}</span>
        </li>
        <li>
          <i class="swatch model" aria-hidden="true" />
          samples, mean <span class="value">{formatFigure(mean.fake, 3)}</span>
        </li>
      </ul>
    </>
  );
}
