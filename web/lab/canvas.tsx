import { type ReadonlySignal, type Signal, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Draws on a context whose unit is a sixteenth of the page's font size: what it draws grows with the letters. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number) => void;

/** A size in sixteenths of the page's font size; 0 before the layout is known. */
export interface Size {
  readonly width: number;
  readonly height: number;
  /** Pixels of the style sheet in one of them: 1 where letters have their usual 16. */
  readonly scale: number;
}

/** Before the layout. */
export const unknownSize: Size = { width: 0, height: 0, scale: 1 };

/** What a canvas shows. */
export interface CanvasProps {
  /** Called whenever a signal that it reads has changed, or the size. */
  readonly draw: Draw;
  /** What a screen reader says; absent: nothing, where words beside it say the same. */
  readonly label?: string | ReadonlySignal<string>;
  readonly class?: string;
  /** Told the size, for what lies over the picture. */
  readonly size?: Signal<Size>;
}

/** A canvas with as many pixels as the screen has, drawn anew when what it shows has changed. */
export function Canvas({ draw, label, class: className, size }: CanvasProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const own = useSignal<Size>(unknownSize);
  const measured = size ?? own;

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      const { contentRect } = entry!;
      const [width, height] = [contentRect.width / scale, contentRect.height / scale];
      if (width !== measured.value.width || height !== measured.value.height)
        measured.value = { width, height, scale };
    });
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [measured]);

  useSignalEffect(() => {
    const { width, height, scale } = measured.value;
    const element = canvas.current;
    if (!element || width === 0 || height === 0) return;
    const density = window.devicePixelRatio * scale;
    const [pixelsAcross, pixelsDown] = [Math.round(width * density), Math.round(height * density)];
    if (element.width !== pixelsAcross || element.height !== pixelsDown) {
      element.width = pixelsAcross;
      element.height = pixelsDown;
    }
    const context = element.getContext('2d')!;
    context.setTransform(pixelsAcross / width, 0, 0, pixelsDown / height, 0, 0);
    draw(context, width, height);
  });

  return label === undefined ? (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
    <canvas ref={canvas} class={className} aria-hidden="true" />
  ) : (
    <canvas ref={canvas} class={className} role="img" aria-label={label} />
  );
}
