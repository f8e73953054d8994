import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { encodePng } from '../../../src/io/png.ts';
import type { SampleFormat } from '../../../src/server/api.ts';
import { saveFile } from '../../page/save-file.ts';
import { announce } from '../announcement.tsx';
import type { ExplorerState, Plane } from './explorer-state.ts';
import type { LoadedGenerator } from './generator.ts';
import { batchOf, pointOf } from './latent-space.ts';
import { drawImage, samplesSheet } from './sample-image.ts';

/** Samples along each side of the map behind the pad. */
const SIDE = 9;
/** How far an arrow key moves, of the pad's half width. */
const NUDGE = 0.05;

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** A plane of z space to drag in; behind it, for images, what the generator makes of it. */
export function SlicePad({
  state,
  format,
  generator: { queue, version },
  name,
}: {
  readonly state: ExplorerState;
  readonly format: SampleFormat;
  readonly generator: LoadedGenerator;
  readonly name: string;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<Float32Array | undefined>(undefined);
  const failure = useSignal<string | undefined>(undefined);
  const { u, v, label, slice } = state;
  const isImage = format.kind === 'images';
  useEffect(() => {
    if (!isImage) return;
    queue.ask('map', {
      z: batchOf(gridOf(SIDE).map(([x, y]) => pointOf(state.space, slice.value, x, y))),
      label: label.value,
      onSamples: (samples) => {
        map.current = samples;
        if (canvas.current)
          drawImage(canvas.current, samplesSheet(samples, format.shape, { columns: SIDE, gap: 0 }));
      },
      onFailure: ({ message }) => {
        failure.value = message;
      },
    });
  }, [slice.value, label.value, version]);
  const drag = (event: PointerEvent & { readonly currentTarget: HTMLDivElement }): void => {
    if (event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    u.value = bounded(((event.clientX - left) / width) * 2 - 1);
    if (hasSecond) v.value = bounded(1 - ((event.clientY - top) / height) * 2);
  };
  const nudge = (event: KeyboardEvent): void => {
    const arrow = arrows[event.key];
    if (!arrow) return;
    event.preventDefault();
    const size = event.shiftKey ? 4 * NUDGE : NUDGE;
    u.value = bounded(u.value + arrow[0] * size);
    if (hasSecond) v.value = bounded(v.value + arrow[1] * size);
  };
  const save = (): void => {
    if (!map.current) return;
    const image = samplesSheet(map.current, format.shape, { columns: SIDE, gap: 1, scale: 3 });
    saveFile(`${name}-map.png`, encodePng(image), 'image/png');
    announce('The map was saved as PNG.');
  };
  const hasSecond = state.space.latentDim > 1;
  return (
    <section class="slice" aria-label="A slice of z space">
      <h3>{hasSecond ? 'A plane of z space' : 'z'}</h3>
      <div
        class="pad"
        role="slider"
        aria-label="Place in the plane"
        aria-valuemin={-1}
        aria-valuemax={1}
        aria-valuenow={u.value}
        aria-valuetext={`${u.value.toFixed(2)} along the first direction, ${v.value.toFixed(2)} along the second`}
        tabIndex={0}
        data-testid="pad"
        onPointerDown={drag}
        onPointerMove={drag}
        onKeyDown={nudge}
      >
        {isImage ? <canvas ref={canvas} /> : <div class="blank" />}
        <div
          class="cross"
          style={{ left: `${50 * (1 + u.value)}%`, top: `${50 * (1 - v.value)}%` }}
          data-testid="cross"
        />
      </div>
      <PadSlider name="Along the first direction" value={u} testId="u" />
      {hasSecond && <PadSlider name="Along the second" value={v} testId="v" />}
      <div class="buttons">
        <PlaneChoice state={state} />
        {isImage && (
          <button type="button" onClick={save} data-testid="save-map">
            Save map
          </button>
        )}
      </div>
      {failure.value && <p class="trouble is-bad">{failure.value}</p>}
    </section>
  );
}

const bounded = (value: number): number => Math.min(Math.max(value, -1), 1);

/** The middles of the cells of a map, row by row from the top left. */
function gridOf(side: number): readonly (readonly [number, number])[] {
  const at = (cell: number): number => (2 * cell + 1) / side - 1;
  return Array.from({ length: side * side }, (_, i) => [at(i % side), -at(Math.floor(i / side))] as const);
}

function PadSlider({
  name,
  value,
  testId,
}: {
  readonly name: string;
  readonly value: ExplorerState['u'];
  readonly testId: string;
}): JSX.Element {
  return (
    <label class="field is-inline is-slider">
      <span>{name}</span>
      <input
        type="range"
        min={-1}
        max={1}
        step={0.01}
        value={value.value}
        data-testid={testId}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
}

/** Which plane: two directions at random, two coordinates, or through three kept points. */
function PlaneChoice({ state }: { readonly state: ExplorerState }): JSX.Element {
  const { latentDim } = state.space;
  const plane = state.plane.value;
  const choose = (kind: string): void => {
    const planes: Readonly<Record<string, Plane>> = {
      random: { kind: 'random', number: 1 },
      coordinates: { kind: 'coordinates', i: 0, j: latentDim > 1 ? 1 : undefined },
      kept: { kind: 'kept' },
    };
    state.setPlane(planes[kind]!);
  };
  return (
    <>
      <label class="field is-inline">
        <span>Plane</span>
        <select
          value={plane.kind}
          data-testid="plane"
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        >
          {latentDim > 2 && <option value="random">two directions at random</option>}
          <option value="coordinates">{latentDim > 1 ? 'two coordinates' : 'its coordinate'}</option>
          {latentDim > 1 && state.kept.value.length >= 3 && (
            <option value="kept">through the first three kept</option>
          )}
        </select>
      </label>
      {plane.kind === 'random' && (
        <button
          type="button"
          data-testid="other-directions"
          onClick={() => state.setPlane({ kind: 'random', number: plane.number + 1 })}
        >
          Other directions
        </button>
      )}
      {plane.kind === 'coordinates' && latentDim > 2 && (
        <>
          <CoordinateInput
            name="i"
            value={plane.i}
            latentDim={latentDim}
            onValue={(i) => state.setPlane({ ...plane, i })}
          />
          <CoordinateInput
            name="j"
            value={plane.j!}
            latentDim={latentDim}
            onValue={(j) => state.setPlane({ ...plane, j })}
          />
        </>
      )}
    </>
  );
}

function CoordinateInput({
  name,
  value,
  latentDim,
  onValue,
}: {
  readonly name: string;
  readonly value: number;
  readonly latentDim: number;
  readonly onValue: (value: number) => void;
}): JSX.Element {
  return (
    <label class="field is-inline">
      <span>{name}</span>
      <input
        type="number"
        min={1}
        max={latentDim}
        value={value + 1}
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.valueAsNumber - 1;
          if (Number.isInteger(chosen) && chosen >= 0 && chosen < latentDim) onValue(chosen);
        }}
      />
    </label>
  );
}
