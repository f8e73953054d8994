import type { JSX } from 'preact';
import { labDimension } from '../../src/lab/lab-state.ts';
import { useLab } from './lab-page.ts';
import { type Backdrop, backdrops, type Layer } from './page-options.ts';

const backdropNames: Readonly<Record<Backdrop, string>> = {
  discriminator: 'D, as learned',
  optimal: 'D*, the best possible',
  densities: 'Densities',
};

interface Toggle {
  readonly layer: Layer;
  readonly name: string;
  readonly swatch: string;
}

const common: readonly Toggle[] = [
  { layer: 'real', name: 'real', swatch: 'dot real' },
  { layer: 'samples', name: 'samples', swatch: 'dot model' },
  { layer: 'nonSaturating', name: 'pull, non-saturating loss', swatch: 'dash pull' },
  { layer: 'minimax', name: 'minimax loss', swatch: 'dash minimax' },
  { layer: 'map', name: 'map z → x', swatch: 'dash model' },
];

/** What the picture shows: the legend, whose entries are switches. */
export function LayerToggles(): JSX.Element | null {
  const { session, options, look } = useLab();
  const { data, average } = session.state.value;
  const dimension = labDimension(data);
  const { layers, backdrop, averaged } = options.value;
  const toggle = (layer: Layer): void =>
    look({
      layers: layers.includes(layer) ? layers.filter((shown) => shown !== layer) : [...layers, layer],
    });
  return (
    <fieldset class="bare legend" aria-label="What the picture shows" data-part="layers">
      {dimension === 2 ? (
        <label class="backdrop" data-part="backdrop">
          <span class="visually-hidden">Background</span>
          <select
            data-testid="backdrop"
            value={backdrop}
            onChange={({ currentTarget }) =>
              look({ backdrop: backdrops.find((name) => name === currentTarget.value) ?? 'discriminator' })
            }
          >
            {backdrops.map((name) => (
              <option key={name} value={name}>
                {backdropNames[name]}
              </option>
            ))}
          </select>
        </label>
      ) : undefined}
      {dimension === 2 && backdrop !== 'densities' ? (
        <span class="scale">
          fake 0<i />1 real
        </span>
      ) : undefined}
      {dimension === 2 && backdrop === 'discriminator' ? (
        <span class="key">
          <i class="swatch dash discriminator" />D = ½
        </span>
      ) : undefined}
      {dimension === 1 ? (
        <>
          <span class="key">
            <i class="swatch dots real" />
            <span>
              p<sub>data</sub>
            </span>
          </span>
          <span class="key">
            <i class="swatch dash model" />
            <span>
              p<sub>g</sub>
            </span>
          </span>
          <span class="key">
            <i class="swatch dashes discriminator" />
            D(x)
          </span>
        </>
      ) : undefined}
      {dimension === undefined ? undefined : <i class="break" />}
      {dimension === undefined
        ? undefined
        : [
            ...common,
            {
              layer: 'optimalContour',
              name: dimension === 1 ? 'D*(x)' : 'D* = ½',
              swatch: dimension === 1 ? 'dots discriminator' : 'dashes text',
            } as const,
          ].map(({ layer, name, swatch }) => (
            <label key={layer} class="toggle" data-part={`layer-${layer}`}>
              <input
                type="checkbox"
                checked={layers.includes(layer)}
                data-testid={`layer-${layer}`}
                onChange={() => toggle(layer)}
              />
              <i class={`swatch ${swatch}`} />
              {name}
            </label>
          ))}
      {average > 0 ? (
        <label class="toggle">
          <input
            type="checkbox"
            checked={averaged}
            data-testid="averaged"
            onChange={() => look({ averaged: !averaged })}
          />
          averaged G
        </label>
      ) : undefined}
    </fieldset>
  );
}
