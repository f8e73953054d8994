import type { ComponentChildren, JSX } from 'preact';
import { defaultLabState, type LabDataKind, labDataKinds } from '../../src/lab/lab-state.ts';
import { useLab } from './lab-page.ts';
import { usualLayers } from './page-options.ts';

const names: Readonly<Record<LabDataKind, string>> = {
  'gaussians-1d': 'Line',
  'gaussians-2d': 'Gaussians',
  ring8: 'Ring',
  grid25: 'Grid',
  swissroll: 'Swiss roll',
  drawn: 'Draw',
  digits: 'Digits',
  images: 'Your images',
};

const dots = (places: readonly (readonly [number, number])[], radius: number): JSX.Element[] =>
  places.map(([x, y]) => <circle key={`${x} ${y}`} cx={x} cy={y} r={radius} />);
const ring = Array.from(
  { length: 8 },
  (_, i) => [12 + 8 * Math.cos((i * Math.PI) / 4), 12 + 8 * Math.sin((i * Math.PI) / 4)] as const,
);
const grid = [4, 12, 20].flatMap((x) => [4, 12, 20].map((y) => [x, y] as const));

const icons: Readonly<Record<LabDataKind, ComponentChildren>> = {
  'gaussians-1d': <path class="stroke" d="M1 20c4 0 4-13 7-13s3 11 4 11 2-14 5-14 3 16 6 16" />,
  'gaussians-2d': (
    <>
      <circle cx="7" cy="16" r="4.5" />
      <circle cx="17.5" cy="15" r="4" />
      <circle cx="12" cy="6" r="4" />
    </>
  ),
  ring8: dots(ring, 2),
  grid25: dots(grid, 2),
  swissroll: <path class="stroke" d="M12 12c2-3 5 0 3 3s-8 2-9-3 4-10 10-8 8 9 4 14" />,
  drawn: <path class="stroke" d="M4 20l1-4L17 4l3 3L8 19zM15 6l3 3" />,
  digits: <path class="stroke" d="M5 6c4-3 7 0 5 4l-5 8h6M15 4h5l-3 5c5 1 4 9-2 8" />,
  images: <path class="stroke" d="M3 5h18v14H3zM3 16l6-6 5 5 3-3 4 4" />,
};

/** Which data the game is about. */
export function DataChooser(): JSX.Element {
  const { session, options, look } = useLab();
  const kind = session.state.value.data.kind;
  return (
    <fieldset class="data" data-part="data">
      <legend class="visually-hidden">Data to learn</legend>
      {labDataKinds.map((choice) => (
        <label key={choice} class={choice === kind ? 'chosen' : ''}>
          <input
            type="radio"
            name="data"
            value={choice}
            checked={choice === kind}
            data-testid={`data-${choice}`}
            onChange={() => {
              const { layers } = options.value;
              const isUsual = layers.join() === usualLayers(kind).join();
              look(isUsual ? { layers: usualLayers(choice) } : {}, true);
              session.open({ ...defaultLabState(choice), seed: session.state.value.seed });
            }}
          />
          <svg viewBox="0 0 24 24" aria-hidden="true">
            {icons[choice]}
          </svg>
          <span>{names[choice]}</span>
        </label>
      ))}
    </fieldset>
  );
}
