import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { drawImage, sampleImage } from './sample-image.ts';

/** One image as large as there is room. */
export function Picture({
  sample,
  shape,
  name = 'The sample',
}: {
  readonly sample: Float32Array;
  readonly shape: readonly number[];
  readonly name?: string;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => drawImage(canvas.current!, sampleImage(sample, shape)), [sample]);
  return <canvas ref={canvas} class="picture" role="img" aria-label={name} data-testid="picture" />;
}
