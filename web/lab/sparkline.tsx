import type { JSX } from 'preact';
import { Canvas } from './canvas.tsx';
import { useLab } from './lab-page.ts';
import type { NumberRow } from './number-rows.ts';

/** The curve of a number along the game, as wide as its place: from its first step to its last. */
export function Sparkline({ row }: { readonly row: NumberRow }): JSX.Element {
  const { session, palette } = useLab();
  return (
    <Canvas
      class="spark"
      draw={(context, width, height) => {
        // Curves grow with the frames.
        session.legible.value;
        const { line, quiet, text } = palette.value;
        context.clearRect(0, 0, width, height);
        const curve = session.curves.get(row.name);
        const values = curve?.values ?? [];
        const level = row.level?.value;
        const known = level === undefined ? values : [...values, level];
        const least = row.range?.[0] ?? Math.min(...known);
        const most = row.range?.[1] ?? Math.max(...known);
        const span = most - least || 1;
        const y = (value: number): number => height - 2 - ((value - least) / span) * (height - 4);
        if (level !== undefined && known.length > 0) {
          context.strokeStyle = quiet;
          context.setLineDash([2, 2]);
          context.lineWidth = 1;
          context.beginPath();
          context.moveTo(0, y(level));
          context.lineTo(width, y(level));
          context.stroke();
          context.setLineDash([]);
        }
        if (!curve || values.length < 2) {
          context.strokeStyle = line;
          context.beginPath();
          context.moveTo(0, height - 1);
          context.lineTo(width, height - 1);
          context.stroke();
          return;
        }
        const [first, last] = [curve.steps[0]!, curve.steps.at(-1)!];
        context.beginPath();
        for (const [i, value] of values.entries()) {
          const x = ((curve.steps[i]! - first) / (last - first || 1)) * (width - 2) + 1;
          if (i === 0) context.moveTo(x, y(value));
          else context.lineTo(x, y(value));
        }
        context.strokeStyle = text;
        context.lineWidth = 1.25;
        context.stroke();
      }}
    />
  );
}
