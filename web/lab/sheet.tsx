import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { Canvas } from './canvas.tsx';
import { useLab } from './lab-page.ts';
import { drawSheet } from './sheet-picture.ts';

/** What G makes of the same z as it learns, beside the first real images. */
export function Sheet(): JSX.Element {
  const { session, palette } = useLab();
  // Only the first frame of a game holds the real ones.
  const real = useSignal<Uint8Array | undefined>(undefined);
  useSignalEffect(() => {
    const sheet = session.frame.value?.sheet;
    if (sheet?.real) real.value = sheet.real;
  });
  return (
    <div class="sheets">
      <figure>
        <Canvas
          label="Images that the generator makes"
          draw={(context, width, height) => {
            const sheet = session.frame.value?.sheet;
            if (sheet) drawSheet(context, width, height, sheet.samples, sheet, palette.value);
          }}
        />
        <figcaption>
          <i class="swatch dot model" /> samples, always of the same z
        </figcaption>
      </figure>
      <figure>
        <Canvas
          label="Real images"
          draw={(context, width, height) => {
            const sheet = session.frame.value?.sheet;
            if (sheet && real.value) drawSheet(context, width, height, real.value, sheet, palette.value);
          }}
        />
        <figcaption>
          <i class="swatch dot real" /> real images
        </figcaption>
      </figure>
    </div>
  );
}
