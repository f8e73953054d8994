import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { RunDetail } from '../../src/server/api.ts';
import { Curves } from './curves/curves.tsx';
import { DiscriminatorHistogramFigure } from './discriminator-histogram.tsx';
import { nearest } from './nearest-number.ts';
import { route, setQuery } from './route.ts';
import { SampleWall } from './sample-wall.tsx';
import './style/curves.css';
import './style/sample-wall.css';

/** Curves, samples and D's decisions of one run, tied by the step that is looked at. */
export function TrainingView({ detail }: { readonly detail: RunDetail }): JSX.Element {
  const pointed = useSignal<number | undefined>(undefined);
  const { step } = route.value.query;
  const chosen = step === undefined ? undefined : Number(step);
  const steps = detail.sheets.map((sheet) => sheet.step);
  const shown = chosen === undefined ? steps.at(-1) : nearest(steps, chosen);
  const choose = (next: number): void => {
    const to = nearest(steps, next);
    // At the newest sheet the wall follows the training.
    setQuery({ step: to === undefined || to === steps.at(-1) ? undefined : String(to) });
  };
  return (
    <div class="training-view">
      <aside class="beside" aria-label="Samples">
        <SampleWall detail={detail} step={shown} onStep={choose} />
        <DiscriminatorHistogramFigure detail={detail} step={shown ?? detail.summary.step} />
      </aside>
      <Curves detail={detail} pointed={pointed} marked={shown} onMark={choose} />
    </div>
  );
}
