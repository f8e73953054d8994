import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { encodeGif } from '../../../src/io/gif.ts';
import type { SampleFormat } from '../../../src/server/api.ts';
import { reducedMotion } from '../../page/reduced-motion.ts';
import { saveFile } from '../../page/save-file.ts';
import { announce } from '../announcement.tsx';
import type { ExplorerState, Kept } from './explorer-state.ts';
import type { LoadedGenerator } from './generator.ts';
import { batchOf, pathPoint } from './latent-space.ts';
import { drawImage, sampleImage } from './sample-image.ts';

/** Frames from one kept point to the next, of a film and of its GIF. */
const FRAMES = 16;
const FRAME_MS = { full: 70, reduced: 600 } as const;
/** Side that a saved film has at least, in pixels. */
const SAVED_SIDE = 112;

/** What was put aside, and straight lines between it. */
export function KeptPoints({
  state,
  format,
  generator,
  name,
}: {
  readonly state: ExplorerState;
  readonly format: SampleFormat;
  readonly generator: LoadedGenerator;
  readonly name: string;
}): JSX.Element {
  const { kept } = state;
  const t = useSignal(0);
  const isPlaying = useSignal(false);
  const isSaving = useSignal(false);
  const end = kept.value.length - 1;
  const move = (to: number): void => {
    t.value = to;
    state.goTo(state.onPath(to));
  };
  useEffect(() => {
    if (!isPlaying.value) return;
    if (t.value >= end) {
      isPlaying.value = false;
      return;
    }
    const pause = reducedMotion() ? FRAME_MS.reduced : FRAME_MS.full;
    const timer = setTimeout(() => move(Math.min(end, t.value + 1 / FRAMES)), pause);
    return () => clearTimeout(timer);
  }, [isPlaying.value, t.value, end]);
  const play = (): void => {
    if (!isPlaying.value && t.value >= end) move(0);
    isPlaying.value = !isPlaying.value;
  };
  const save = async (): Promise<void> => {
    isSaving.value = true;
    const frames = await film(state, format, generator);
    saveFile(`${name}-interpolation.gif`, encodeGif(frames, FRAME_MS.full), 'image/gif');
    announce('The film was saved as GIF.');
    isSaving.value = false;
  };
  return (
    <section class="kept" aria-label="Kept points">
      <h3>Kept</h3>
      {kept.value.length === 0 && (
        <p class="quiet">Keep two points or more, and walk the straight lines between them.</p>
      )}
      <ul class="kept-list">
        {kept.value.map((point, at) => (
          <KeptPoint
            key={point.id}
            point={point}
            at={at}
            state={state}
            format={format}
            generator={generator}
          />
        ))}
      </ul>
      {end >= 1 && (
        <div class="player">
          <button
            type="button"
            onClick={play}
            aria-label={isPlaying.value ? 'Pause' : 'Play'}
            data-testid="play-path"
          >
            {isPlaying.value ? '❚❚' : '▶'}
          </button>
          <input
            type="range"
            min={0}
            max={end}
            step={1 / FRAMES}
            value={t.value}
            aria-label="Place between the kept points"
            data-testid="path"
            onInput={({ currentTarget }) => {
              isPlaying.value = false;
              move(currentTarget.valueAsNumber);
            }}
          />
          {format.kind === 'images' && (
            <button
              type="button"
              onClick={() => void save()}
              disabled={isSaving.value}
              data-testid="save-gif"
            >
              Save GIF
            </button>
          )}
        </div>
      )}
    </section>
  );
}

/** The frames from each kept point to the next and back to the first. */
async function film(
  state: ExplorerState,
  { shape }: SampleFormat,
  { queue }: LoadedGenerator,
): Promise<readonly ReturnType<typeof sampleImage>[]> {
  const points = state.kept.peek();
  const round = [...points, points[0]!].map(({ z }) => z);
  const vectors = Array.from({ length: points.length * FRAMES }, (_, frame) =>
    pathPoint(state.space, round, frame / FRAMES),
  );
  const samples = await queue.generate(batchOf(vectors), state.label.peek());
  const scale = Math.max(1, Math.ceil(SAVED_SIDE / shape[1]!));
  return vectors.map((_, frame) => sampleImage(samples, shape, frame, scale));
}

function KeptPoint({
  point,
  at,
  state,
  format,
  generator: { queue, version },
}: {
  readonly point: Kept;
  readonly at: number;
  readonly state: ExplorerState;
  readonly format: SampleFormat;
  readonly generator: LoadedGenerator;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (format.kind !== 'images') return;
    let isGone = false;
    void queue.generate(point.z, point.label).then((samples) => {
      if (!isGone && canvas.current) drawImage(canvas.current, sampleImage(samples, format.shape));
    });
    return () => {
      isGone = true;
    };
  }, [version]);
  const name = `kept point ${at + 1}`;
  return (
    <li data-testid="kept-point">
      <button
        type="button"
        class="kept-point"
        aria-label={`Go to ${name}`}
        onClick={() => {
          state.label.value = point.label;
          state.goTo(point.z);
        }}
      >
        {format.kind === 'images' ? <canvas ref={canvas} /> : at + 1}
      </button>
      <button
        type="button"
        class="small is-plain"
        aria-label={`Drop ${name}`}
        onClick={() => state.drop(point.id)}
      >
        ×
      </button>
    </li>
  );
}
