import type { JSX } from 'preact';
import { generatorPull } from '../../src/theory/saturation.ts';
import { Canvas } from './canvas.tsx';
import { useLab } from './lab-page.ts';

/** The losses are drawn between these. */
const LOW = -2.2;
const HIGH = 3.2;

/** Both losses of the generator against D(G(z)), with their slopes at a place that the reader sets. */
export function SaturationPlot(): JSX.Element {
  const { setProbability, palette } = useLab();
  const d = setProbability.value;
  const { minimax, nonSaturating } = generatorPull(d);
  return (
    <div class="widget">
      <Canvas
        class="plot"
        draw={(context, width, height) => {
          const { text, quiet, line, font, ...colours } = palette.value;
          const at = setProbability.value;
          const x = (probability: number): number => 8 + probability * (width - 16);
          const y = (loss: number): number => height - 18 - ((loss - LOW) / (HIGH - LOW)) * (height - 24);
          context.clearRect(0, 0, width, height);
          context.strokeStyle = line;
          context.lineWidth = 1;
          context.strokeRect(x(0), y(HIGH), x(1) - x(0), y(LOW) - y(HIGH));
          context.beginPath();
          context.moveTo(x(0), y(0));
          context.lineTo(x(1), y(0));
          context.stroke();
          context.save();
          context.beginPath();
          context.rect(x(0), y(HIGH), x(1) - x(0), y(LOW) - y(HIGH));
          context.clip();
          for (const loss of ['minimax', 'nonSaturating'] as const) {
            context.strokeStyle = colours[loss];
            context.lineWidth = 2;
            context.beginPath();
            for (let i = 1; i < 200; i++) {
              const probability = i / 200;
              context.lineTo(x(probability), y(generatorPull(probability)[loss].loss));
            }
            context.stroke();
            const pull = generatorPull(at)[loss];
            context.lineWidth = 1.25;
            context.setLineDash([3, 2]);
            context.beginPath();
            const reach = 0.12;
            context.moveTo(x(at - reach), y(pull.loss - reach * pull.byProbability));
            context.lineTo(x(at + reach), y(pull.loss + reach * pull.byProbability));
            context.stroke();
            context.setLineDash([]);
            context.fillStyle = colours[loss];
            context.beginPath();
            context.arc(x(at), y(pull.loss), 3.5, 0, 2 * Math.PI);
            context.fill();
          }
          context.restore();
          context.fillStyle = quiet;
          context.font = `11px ${font}`;
          context.textBaseline = 'bottom';
          context.textAlign = 'left';
          context.fillText('D(G(z)) = 0: found out', x(0), height);
          context.textAlign = 'right';
          context.fillText('1: taken for real', x(1), height);
          context.fillStyle = text;
        }}
      />
      <label class="slider">
        <span>
          D(G(z)) = <b data-testid="set-probability-value">{d.toFixed(3)}</b>
        </span>
        <input
          type="range"
          min={0.005}
          max={0.995}
          step={0.005}
          value={d}
          data-testid="set-probability"
          onInput={({ currentTarget }) => {
            setProbability.value = currentTarget.valueAsNumber;
          }}
        />
      </label>
      <table class="slopes">
        <thead>
          <tr>
            <th scope="col">slope of</th>
            <th scope="col">by D</th>
            <th scope="col">by D's logit</th>
          </tr>
        </thead>
        <tbody>
          <tr class="minimax">
            <th scope="row">log(1 − D)</th>
            <td data-testid="slope-minimax">{minimax.byProbability.toFixed(2)}</td>
            <td>{minimax.byLogit.toFixed(3)}</td>
          </tr>
          <tr class="pull">
            <th scope="row">−log D</th>
            <td data-testid="slope-non-saturating">{nonSaturating.byProbability.toFixed(2)}</td>
            <td>{nonSaturating.byLogit.toFixed(3)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
