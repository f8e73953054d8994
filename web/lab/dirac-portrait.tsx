import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Dynamics, type Method, radius, type State } from '../../src/theory/dirac-gan.ts';
import { reducedMotion } from '../page/reduced-motion.ts';
import { drawArrow } from './arrows.ts';
import { Canvas } from './canvas.tsx';
import { DIRAC_STEPS, type DiracGame } from './dirac-game.ts';
import { Choice } from './field.tsx';
import { useLab } from './lab-page.ts';
import type { Palette } from './palette.ts';
import { verdictWords } from './verdict-words.ts';

/** The pictures show theta and psi within so much of 0. */
const REACH = 2.2;
const rates = ['0.01', '0.05', '0.1', '0.2', '0.5', '1', '2', '5'] as const;
const dynamicsNames: Readonly<Record<Dynamics, string>> = {
  simultaneous: 'both at once',
  alternating: 'G, then D',
  continuous: 'in the limit of small steps',
};

/** The phase portraits of nine ways to train the Dirac-GAN, side by side, with what moves them. */
export function DiracPortrait(): JSX.Element {
  const { dirac, announce } = useLab();
  useEffect(() => {
    let frame = requestAnimationFrame(tick);
    function tick(): void {
      advance(dirac);
      frame = requestAnimationFrame(tick);
    }
    return () => cancelAnimationFrame(frame);
  }, [dirac]);
  const playing = dirac.playing.value;
  const still = reducedMotion();

  function play(): void {
    if (playing) {
      dirac.playing.value = false;
      return;
    }
    if (dirac.steps.value >= DIRAC_STEPS) dirac.steps.value = 0;
    if (still) dirac.steps.value = DIRAC_STEPS;
    else dirac.playing.value = true;
    announce('All methods train.');
  }
  function anew(change: () => void): void {
    change();
    dirac.restart();
  }

  return (
    <>
      <div class="portraits" data-testid="portraits">
        {dirac.paths.value.map(({ method }) => (
          <Portrait key={method.name} name={method.name} />
        ))}
      </div>
      <fieldset class="bare transport" aria-label="Train the Dirac-GAN">
        <button type="button" class="play" id="play" data-testid="play" onClick={play}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            {playing ? <path d="M6 4h4v16H6zM14 4h4v16h-4z" /> : <path d="M7 3.5v17L21 12z" />}
          </svg>
          {playing ? 'Pause' : 'Play'}
        </button>
        <button
          type="button"
          data-testid="step"
          onClick={() => {
            dirac.playing.value = false;
            dirac.steps.value = Math.min(DIRAC_STEPS, dirac.steps.value + 1);
          }}
        >
          One step
        </button>
        <button
          type="button"
          data-testid="to-the-end"
          onClick={() => {
            dirac.playing.value = false;
            dirac.steps.value = DIRAC_STEPS;
          }}
        >
          To the end
        </button>
        <button
          type="button"
          class="quiet"
          data-testid="reset"
          onClick={() => {
            dirac.playing.value = false;
            dirac.steps.value = 0;
          }}
        >
          Reset
        </button>
        <dl class="clock">
          <div>
            <dt>step</dt>
            <dd data-testid="steps">{dirac.steps}</dd>
          </div>
        </dl>
      </fieldset>
      <div class="dirac-settings">
        <Choice
          name="Learning rate h"
          testId="dirac-rate"
          value={String(dirac.rate.value) as (typeof rates)[number]}
          choices={rates}
          change={(rate) =>
            anew(() => {
              dirac.rate.value = Number(rate);
            })
          }
        />
        <Choice
          name="Steps"
          testId="dirac-dynamics"
          value={dirac.dynamics.value}
          choices={['simultaneous', 'alternating', 'continuous']}
          labels={dynamicsNames}
          change={(dynamics) =>
            anew(() => {
              dirac.dynamics.value = dynamics;
            })
          }
        />
        {(['θ', 'ψ'] as const).map((name, axis) => (
          <label class="field" key={name}>
            <span>
              start {name} = {dirac.start.value[axis]!.toFixed(2)}
            </span>
            <input
              type="range"
              min={-2}
              max={2}
              step={0.05}
              value={dirac.start.value[axis]}
              data-testid={axis === 0 ? 'dirac-theta' : 'dirac-psi'}
              onInput={({ currentTarget }) =>
                anew(() => {
                  const value = currentTarget.valueAsNumber;
                  const [theta, psi] = dirac.start.value;
                  dirac.start.value = axis === 0 ? [value, psi] : [theta, value];
                })
              }
            />
          </label>
        ))}
      </div>
    </>
  );
}

/** One animation frame: the paths grow, faster and faster, since the first turns are what is worth looking at. */
function advance(dirac: DiracGame): void {
  if (dirac.playing.value) {
    const steps = dirac.steps.value;
    dirac.steps.value = Math.min(DIRAC_STEPS, steps + Math.max(1, Math.round(steps / 60)));
    if (dirac.steps.value >= DIRAC_STEPS) dirac.playing.value = false;
  }
  dirac.grow();
}

function Portrait({ name }: { readonly name: string }): JSX.Element {
  const { dirac, palette } = useLab();
  const verdict = dirac.verdicts.value.get(name);
  const guessed = dirac.guesses.value.has(name);
  return (
    <figure class={verdict ? `portrait ${verdict}` : 'portrait'}>
      <figcaption>
        <label>
          <input
            type="checkbox"
            checked={guessed}
            data-testid={`guess-${name}`}
            onChange={() => {
              const next = new Set(dirac.guesses.value);
              if (!next.delete(name)) next.add(name);
              dirac.guesses.value = next;
            }}
          />
          {name}
        </label>
        <span class="verdict">{verdict ? verdictWords[verdict].short : ''}</span>
      </figcaption>
      <Canvas
        label={`Phase portrait of ${name}${verdict ? `: ${verdictWords[verdict].short}` : ''}`}
        draw={(context, width, height) => {
          const path = dirac.paths.value.find(({ method }) => method.name === name)!;
          drawPortrait(context, width, height, path.method, path.states, dirac, palette.value);
        }}
      />
    </figure>
  );
}

function drawPortrait(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  method: Method,
  states: readonly State[],
  dirac: DiracGame,
  palette: Palette,
): void {
  const scale = Math.min(width, height) / 2 / REACH;
  const x = (theta: number): number => width / 2 + theta * scale;
  const y = (psi: number): number => height / 2 - psi * scale;
  context.clearRect(0, 0, width, height);
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, y(0));
  context.lineTo(width, y(0));
  context.moveTo(x(0), 0);
  context.lineTo(x(0), height);
  context.stroke();
  context.beginPath();
  for (let theta = -2; theta <= 2; theta += 0.5)
    for (let psi = -2; psi <= 2; psi += 0.5) {
      const [dTheta, dPsi] = method.field([theta, psi]);
      drawArrow(context, x(theta), y(psi), 6 * dTheta, -6 * dPsi, 11);
    }
  context.strokeStyle = palette.quiet;
  context.globalAlpha = 0.55;
  context.stroke();
  context.globalAlpha = 1;
  const count = Math.min(states.length, dirac.steps.value + 1);
  context.beginPath();
  for (let i = 0; i < count; i++) {
    const [theta, psi] = states[i]!;
    if (i === 0) context.moveTo(x(theta), y(psi));
    else context.lineTo(x(theta), y(psi));
  }
  context.strokeStyle = palette.model;
  context.lineWidth = 1.4;
  context.stroke();
  const [theta, psi] = states[count - 1]!;
  context.fillStyle = palette.text;
  context.beginPath();
  context.arc(x(theta), y(psi), 3.5, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = palette.quiet;
  context.font = `11px ${palette.font}`;
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText('θ', width - 3, y(0) - 2);
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText('ψ', x(0) + 4, 2);
  context.textAlign = 'left';
  context.textBaseline = 'bottom';
  const distance = radius(states[count - 1]!);
  context.fillText(`r = ${distance < 1e-3 ? distance.toExponential(0) : distance.toFixed(3)}`, 4, height - 3);
}
