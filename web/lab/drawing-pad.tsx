import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { labLimits } from '../../src/lab/lab-state.ts';
import type { Size } from './canvas.tsx';
import { Canvas } from './canvas.tsx';
import { useLab } from './lab-page.ts';
import { planeOf } from './plane.ts';

type Point = readonly [number, number];

/** Points of a stroke are so far apart at least, in the data's units. */
const SPACING = 0.05;
/** How far a key moves the pen. */
const KEY_STEP = 0.1;
const [, MOST_POINTS] = labLimits.points;

const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** A transparent sheet over the plane on which data are drawn, with a finger, a mouse or the keys. */
export function DrawingPad({ size }: { readonly size: Signal<Size> }): JSX.Element | null {
  const page = useLab();
  const { session, palette } = page;
  const stroke = useSignal<readonly Point[]>([]);
  const pen = useSignal<Point>([0, 0]);
  const focused = useSignal(false);
  const pad = useRef<HTMLDivElement>(null);
  const { data } = session.state.value;
  const box = session.opened.value?.box;
  if (data.kind !== 'drawn' || !box || box.length < 2) return null;
  const { points, bandwidth } = data;

  function put(next: readonly Point[]): void {
    session.change({ data: { kind: 'drawn', points: next.slice(-MOST_POINTS), bandwidth } });
  }
  function at(event: PointerEvent): Point {
    const edge = pad.current!.getBoundingClientRect();
    const { width, height, scale } = size.value;
    const [x, y] = planeOf(box!, width, height).at(
      (event.clientX - edge.left) / scale,
      (event.clientY - edge.top) / scale,
    );
    return [x, y];
  }
  function move(event: PointerEvent): void {
    if (!pad.current!.hasPointerCapture(event.pointerId)) return;
    const point = at(event);
    const last = stroke.value.at(-1);
    if (!last || distance(last, point) >= SPACING) stroke.value = [...stroke.value, point];
  }
  function lift(): void {
    const drawn = stroke.value;
    stroke.value = [];
    if (drawn.length === 0) return;
    put([...points, ...drawn]);
    page.announce(`${points.length + drawn.length} points.`);
  }
  function key(event: KeyboardEvent): void {
    const step: Readonly<Record<string, Point>> = {
      ArrowLeft: [-KEY_STEP, 0],
      ArrowRight: [KEY_STEP, 0],
      ArrowUp: [0, KEY_STEP],
      ArrowDown: [0, -KEY_STEP],
    };
    const by = step[event.key];
    const [x, y] = pen.value;
    if (by) {
      pen.value = [x + by[0], y + by[1]];
      page.announce(`Pen at ${pen.value.map((value) => value.toFixed(1)).join(', ')}`);
    } else if (event.key === ' ' || event.key === 'Enter') {
      put([...points, pen.value]);
      page.announce(`A point at ${pen.value.map((value) => value.toFixed(1)).join(', ')}`);
    } else if ((event.key === 'Backspace' || event.key === 'Delete') && points.length > 1)
      put(points.slice(0, -1));
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div
        ref={pad}
        class="pad"
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a pad is drawn on with the keys as well
        tabIndex={0}
        data-testid="drawing-pad"
        aria-label="Drawing pad. Arrow keys move the pen, space puts a point, delete takes the last one away"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          stroke.value = [at(event)];
        }}
        onPointerMove={move}
        onPointerUp={lift}
        onPointerCancel={lift}
        onKeyDown={key}
        onFocus={() => {
          focused.value = true;
        }}
        onBlur={() => {
          focused.value = false;
        }}
      >
        <Canvas
          draw={(context, width, height) => {
            const plane = planeOf(box, width, height);
            context.clearRect(0, 0, width, height);
            context.fillStyle = palette.value.real;
            for (const [x, y] of stroke.value) {
              context.beginPath();
              context.arc(plane.x(x), plane.y(y), 3, 0, 2 * Math.PI);
              context.fill();
            }
            if (!focused.value) return;
            const [x, y] = [plane.x(pen.value[0]), plane.y(pen.value[1])];
            context.strokeStyle = palette.value.text;
            context.lineWidth = 1.5;
            context.strokeRect(x - 6, y - 6, 12, 12);
          }}
        />
      </div>
      <div class="pad-tools">
        <button
          type="button"
          data-testid="clear-drawing"
          onClick={() => {
            // A density needs a point.
            put([[0, 0]]);
            page.announce('The drawing is cleared but for a point in the middle.');
          }}
        >
          Clear
        </button>
        <button
          type="button"
          disabled={points.length < 2}
          onClick={() => put(points.slice(0, -20).length ? points.slice(0, -20) : points.slice(0, 1))}
        >
          Undo 20 points
        </button>
      </div>
    </>
  );
}
