import type { JSX } from 'preact';
import type { RunSummary } from '../../src/server/api.ts';
import { formatCount, formatFigure } from './number-format.ts';

const sides = ['D(x)', 'D(G(z))'] as const;

/** The best measures of a run; before there is one, what D says of both sides. */
export function MeasureList({ run: { headline, latest } }: { readonly run: RunSummary }): JSX.Element {
  const rows =
    headline.length > 0
      ? headline.map(({ name, value, better, step }) => {
          const at = step === undefined ? '' : ` at step ${formatCount(step)}`;
          return { name, value, title: `best so far${at}; ${better} is better` };
        })
      : sides
          .filter((name) => latest[name] !== undefined)
          .map((name) => ({ name, value: latest[name]!, title: 'of the last logged step' }));
  return (
    <dl class="measures">
      {rows.slice(0, 4).map(({ name, value, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{formatFigure(value, 3)}</dd>
        </div>
      ))}
    </dl>
  );
}
