import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { labDimension } from '../../src/lab/lab-state.ts';
import { Canvas, type Draw, type Size, unknownSize } from './canvas.tsx';
import { DrawingPad } from './drawing-pad.tsx';
import { DroppedImages } from './dropped-images.tsx';
import { GaussianHandles } from './gaussian-handles.tsx';
import { useLab } from './lab-page.ts';
import { drawLine, mostDensity } from './line-picture.ts';
import { drawPlane } from './plane-picture.ts';
import { Sheet } from './sheet.tsx';
import { spokenSummary } from './spoken-summary.ts';

/** The game as a picture: the plane, the line, or a sheet of images; with what can be dragged or drawn on it. */
export function Picture(): JSX.Element {
  const { session, options, palette, gaussians } = useLab();
  const size = useSignal<Size>(unknownSize);
  const dimension = useComputed(() => labDimension(session.state.value.data));
  const { data } = session.state.value;
  const spoken = useComputed(() => {
    const frame = session.legible.value;
    const what =
      dimension.value === 1
        ? 'The line: densities of data and samples, the discriminator, and where the generator takes z.'
        : 'The plane: what the discriminator says of each place, real points and samples.';
    return frame ? `${what} ${spokenSummary(frame)}` : what;
  });

  const most = useComputed(() =>
    dimension.value === 1
      ? mostDensity(gaussians.value, session.frame.value?.points?.densities?.model)
      : Number.NaN,
  );

  const draw: Draw = (context, width, height) => {
    const points = session.frame.value?.points;
    const scene = { options: options.value, palette: palette.value };
    if (!points || points.dimension !== dimension.value) return;
    if (points.dimension === 1) drawLine(context, width, height, { points, most: most.value, ...scene });
    else drawPlane(context, width, height, { points, gaussians: gaussians.value, ...scene });
  };

  const progress = session.progress.value;
  const failure = session.legible.value?.failure;
  return (
    <div
      class={`picture picture-${dimension.value ?? 'sheet'}`}
      data-part="picture"
      data-testid="picture"
      aria-busy={session.stale.value}
    >
      {dimension.value !== undefined ? (
        <Canvas draw={draw} label={spoken} size={size} />
      ) : session.wantsImages.value ? undefined : (
        <Sheet />
      )}
      {data.kind === 'gaussians-1d' || data.kind === 'gaussians-2d' ? (
        <GaussianHandles size={size} most={most} />
      ) : undefined}
      {data.kind === 'drawn' ? <DrawingPad size={size} /> : undefined}
      {data.kind === 'images' ? <DroppedImages /> : undefined}
      {progress ? (
        <p class="veil">
          {progress.what === 'steps' ? 'Replaying step' : 'Drawing digit'} {progress.done} of {progress.of}
          <progress value={progress.done} max={progress.of} aria-label="Getting ready" />
        </p>
      ) : undefined}
      {!session.opened.value && session.opening.value && !progress ? (
        <p class="veil">Getting both networks ready …</p>
      ) : undefined}
      {failure ? (
        <p class="veil veil-bad" role="alert">
          {failure.message}
        </p>
      ) : undefined}
    </div>
  );
}
