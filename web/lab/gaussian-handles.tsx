import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type LabGaussian, labLimits } from '../../src/lab/lab-state.ts';
import type { Interval } from '../../src/theory/quadrature.ts';
import type { Size } from './canvas.tsx';
import { useLab } from './lab-page.ts';
import { lineLayout } from './line-picture.ts';
import { planeOf } from './plane.ts';

/** After the last key the game opens anew. */
const KEY_PAUSE_MS = 400;
const [least, most] = labLimits.deviation;

const within = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, value));

/** How far a key moves a centre, and by which factor it widens. */
function keyMove(key: string, shift: boolean): { dx: number; dy: number; wider: number } | undefined {
  const far = shift ? 0.5 : 0.1;
  switch (key) {
    case 'ArrowLeft':
      return { dx: -far, dy: 0, wider: 1 };
    case 'ArrowRight':
      return { dx: far, dy: 0, wider: 1 };
    case 'ArrowUp':
      return { dx: 0, dy: far, wider: 1 };
    case 'ArrowDown':
      return { dx: 0, dy: -far, wider: 1 };
    case '+':
    case '=':
      return { dx: 0, dy: 0, wider: 1.15 };
    case '-':
      return { dx: 0, dy: 0, wider: 1 / 1.15 };
    default:
      return undefined;
  }
}

/** A button on the centre of each Gaussian: dragged, or moved with the arrow keys; + and - change its width. */
export function GaussianHandles({
  size,
  most: mostShown,
}: {
  readonly size: ReadonlySignal<Size>;
  /** The density that fills the height of the line's picture. */
  readonly most: ReadonlySignal<number>;
}): JSX.Element | null {
  const page = useLab();
  const { session, gaussians, dragged } = page;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const box = session.opened.value?.box;
  const { width, height, scale } = size.value;
  // While a game is opened, the box is of the one before.
  const dimension = gaussians.value[0]?.centre.length;
  if (!box || box.length !== dimension || width === 0) return null;

  function place({ centre, deviation, weight }: LabGaussian): readonly [number, number] {
    if (centre.length > 1) {
      const plane = planeOf(box!, width, height);
      return [plane.x(centre[0]!), plane.y(centre[1]!)];
    }
    const layout = lineLayout(box![0]!, mostShown.value, width, height);
    const total = gaussians.value.reduce((sum, gaussian) => sum + gaussian.weight, 0);
    return [layout.x(centre[0]!), layout.density(weight / total / (deviation * Math.sqrt(2 * Math.PI)))];
  }

  function put(index: number, change: Partial<LabGaussian>): void {
    dragged.value = gaussians.value.map((gaussian, i) =>
      i === index ? { ...gaussian, ...change } : gaussian,
    );
  }

  function settle(): void {
    clearTimeout(timer.current);
    const moved = dragged.value;
    const { data } = session.state.value;
    if (!moved || !('gaussians' in data)) return;
    session.change({ data: { kind: data.kind, gaussians: moved } });
    dragged.value = undefined;
  }

  function drag(index: number, event: PointerEvent): void {
    const element = event.currentTarget as HTMLElement;
    if (!element.hasPointerCapture(event.pointerId)) return;
    const edge = element.parentElement!.getBoundingClientRect();
    const [px, py] = [(event.clientX - edge.left) / scale, (event.clientY - edge.top) / scale];
    const inside = (value: number, [from, to]: Interval): number =>
      Math.round(100 * within(value, [from + 0.02 * (to - from), to - 0.02 * (to - from)])) / 100;
    if (gaussians.value[index]!.centre.length === 1) {
      put(index, { centre: [inside(lineLayout(box![0]!, 1, width, height).at(px), box![0]!)] });
      return;
    }
    const [x, y] = planeOf(box!, width, height).at(px, py);
    put(index, { centre: [inside(x, box![0]!), inside(y, box![1]!)] });
  }

  function key(index: number, event: KeyboardEvent): void {
    const move = keyMove(event.key, event.shiftKey);
    if (!move) return;
    event.preventDefault();
    const { centre, deviation } = gaussians.value[index]!;
    const [x, y] = centre;
    const next = {
      centre: [x! + move.dx, ...(y === undefined ? [] : [y + move.dy])].map((value) =>
        within(Number(value.toFixed(3)), labLimits.coordinate),
      ),
      deviation: within(Number((deviation * move.wider).toPrecision(3)), [least, most]),
    };
    put(index, next);
    page.announce(
      `Gaussian ${index + 1}: ${next.centre.map((value) => value.toFixed(1)).join(', ')}, deviation ${next.deviation}`,
    );
    clearTimeout(timer.current);
    timer.current = setTimeout(settle, KEY_PAUSE_MS);
  }

  return (
    <fieldset class="bare handles" aria-label="Gaussians of the data">
      {gaussians.value.map((gaussian, index) => {
        const [left, top] = place(gaussian);
        const where = gaussian.centre.map((value) => value.toFixed(2)).join(', ');
        return (
          <button
            key={index}
            type="button"
            class="handle"
            data-testid={`gaussian-${index + 1}`}
            style={{ left: `${left / 16}rem`, top: `${top / 16}rem` }}
            aria-label={`Gaussian ${index + 1} at ${where}, deviation ${gaussian.deviation}. Arrow keys move it, plus and minus change its width`}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              event.currentTarget.focus();
              event.preventDefault();
            }}
            onPointerMove={(event) => drag(index, event)}
            onPointerUp={settle}
            onPointerCancel={settle}
            onKeyDown={(event) => key(index, event)}
            onBlur={settle}
          />
        );
      })}
    </fieldset>
  );
}
