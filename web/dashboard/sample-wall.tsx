import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RunDetail, SampleFormat, Sheet } from '../../src/server/api.ts';
import { reducedMotion } from '../page/reduced-motion.ts';
import { formatCount } from './number-format.ts';
import { go } from './route.ts';

/** Milliseconds for each sheet while the wall plays; slower where less motion is wanted. */
const FRAME_MS = { full: 140, reduced: 1000 } as const;
/** Sheets of images have so many in a row, and as many rows where the images have no classes. */
const COLUMNS = 10;
/** Sheets of labelled images have a row for each class, up to so many. */
const MOST_CLASSES = 20;

/** The sheet of samples of one step, the same z in all; a slider and a play button go through the training. */
export function SampleWall({
  detail,
  step,
  onStep,
}: {
  readonly detail: RunDetail;
  readonly step: number | undefined;
  readonly onStep: (step: number) => void;
}): JSX.Element {
  const { sheets, sampleFormat, summary } = detail;
  const isPlaying = useSignal(false);
  const at = sheets.findIndex((sheet) => sheet.step === step);
  useEffect(() => {
    if (!isPlaying.value || at < 0) return;
    const next = sheets[at + 1];
    if (!next) {
      isPlaying.value = false;
      return;
    }
    let isWanted = true;
    const shown = load(next);
    // The next sheet is shown once it is there: a slow network slows the film, and nothing flashes.
    const timer = setTimeout(
      () => void shown.then(() => isWanted && onStep(next.step)),
      reducedMotion() ? FRAME_MS.reduced : FRAME_MS.full,
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [isPlaying.value, at, sheets.length]);
  const sheet = sheets[at];
  if (!sheet)
    return (
      <figure class="sample-wall">
        <figcaption>
          <h3>Samples</h3>
        </figcaption>
        <p class="empty">There is no sheet of samples yet.</p>
      </figure>
    );
  const play = (): void => {
    if (!isPlaying.value && at === sheets.length - 1) onStep(sheets[0]!.step);
    isPlaying.value = !isPlaying.value;
  };
  const { rows, aspect } = layoutOf(sampleFormat);
  const explore = (event: MouseEvent & { readonly currentTarget: HTMLImageElement }): void => {
    const { width, height, left, top } = event.currentTarget.getBoundingClientRect();
    const cellOf = (share: number, cells: number): number =>
      Math.min(cells - 1, Math.max(0, Math.floor(share * cells)));
    const column = cellOf((event.clientX - left) / width, COLUMNS);
    const row = cellOf((event.clientY - top) / height, rows);
    // Sheets of labelled images have a class a row and a z a column.
    const query =
      sampleFormat.classes === undefined
        ? { z: String(row * COLUMNS + column) }
        : { z: String(column), label: String(row) };
    go({ page: 'run', id: summary.id, view: 'explorer', query });
  };
  const isExplorable = sampleFormat.kind === 'images' && detail.generator !== undefined;
  return (
    <figure class="sample-wall" data-testid="sample-wall">
      <figcaption>
        <h3>Samples</h3>
        <span class="quiet">
          step <span data-testid="sheet-step">{formatCount(sheet.step)}</span>, the same z in every sheet
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a shortcut; the explorer's own controls do the same by keyboard */}
      <img
        class={sampleFormat.kind}
        style={{ aspectRatio: String(aspect) }}
        src={sheet.url}
        alt={`Samples at step ${formatCount(sheet.step)}`}
        title={isExplorable ? 'Click a sample to explore around its z' : undefined}
        data-explorable={isExplorable}
        onClick={isExplorable ? explore : undefined}
      />
      <div class="player">
        <button
          type="button"
          onClick={play}
          disabled={sheets.length < 2}
          aria-label={isPlaying.value ? 'Pause' : 'Play from this step'}
          data-testid="play"
        >
          {isPlaying.value ? '❚❚' : '▶'}
        </button>
        <input
          type="range"
          min={0}
          max={sheets.length - 1}
          value={at}
          aria-label="Step of the samples"
          aria-valuetext={`step ${formatCount(sheet.step)}`}
          data-testid="sheet-slider"
          onInput={(event) => {
            isPlaying.value = false;
            onStep(sheets[event.currentTarget.valueAsNumber]!.step);
          }}
        />
        <span class="quiet">{formatCount(sheets.at(-1)!.step)}</span>
      </div>
    </figure>
  );
}

/** Rows of a sheet, and its width over its height: known before it is there, so that nothing moves when it comes. */
function layoutOf({ kind, shape, classes }: SampleFormat): {
  readonly rows: number;
  readonly aspect: number;
} {
  const rows = classes === undefined ? COLUMNS : Math.min(MOST_CLASSES, classes);
  if (kind === 'points') return { rows, aspect: 1 };
  const [, height, width] = shape as readonly [number, number, number];
  // A line of one pixel around every image.
  return { rows, aspect: (COLUMNS * (width + 1) + 1) / (rows * (height + 1) + 1) };
}

/** Fetches and decodes a sheet, so that showing it takes no time. A sheet that is gone meanwhile shows itself as such. */
async function load({ url }: Sheet): Promise<void> {
  const image = new Image();
  image.src = url;
  await image.decode().catch(() => undefined);
}
