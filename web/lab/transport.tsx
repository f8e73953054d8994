import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { labLimits } from '../../src/lab/lab-state.ts';
import { NumberField } from './field.tsx';
import { useLab } from './lab-page.ts';
import { paces } from './page-options.ts';
import { spokenSummary } from './spoken-summary.ts';

const paceNames = { full: 'Full speed', steady: '20 steps a second', slow: 'Slow motion' } as const;

/** Play, pause, one step, one phase, speed, seed, reset: what moves the game. */
export function Transport(): JSX.Element {
  const page = useLab();
  const { session, options } = page;
  const lastRate = useRef(0);
  // What it was stays to be read when the game pauses.
  const rate = useComputed(() => {
    const measured = session.legible.value?.stepsPerSecond ?? 0;
    if (measured > 0) lastRate.current = measured < 10 ? Number(measured.toFixed(1)) : Math.round(measured);
    return lastRate.current;
  });
  const phase = useComputed(() => session.frame.value?.phase ?? 'discriminator');
  const playing = session.playing.value;
  const busy = !session.opened.value || session.wantsImages.value;
  const next = phase.value;

  function toggle(): void {
    if (playing) {
      session.pause();
      page.announce(`Paused. ${session.frame.value ? spokenSummary(session.frame.value) : ''}`);
    } else {
      session.play();
      page.announce('Playing.');
    }
  }
  function onePhase(): void {
    const after = next === 'discriminator' ? 'generator' : 'discriminator';
    session.phase();
    page.announce(`The ${next} has moved. Next: the ${after}.`);
  }
  function oneStep(): void {
    session.step();
    page.announce('One step: the discriminator and the generator have moved.');
  }

  return (
    <fieldset class="bare transport" aria-label="Play the game">
      <button type="button" class="play" id="play" data-testid="play" disabled={busy} onClick={toggle}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          {playing ? <path d="M6 4h4v16H6zM14 4h4v16h-4z" /> : <path d="M7 3.5v17L21 12z" />}
        </svg>
        {playing ? 'Pause' : 'Play'}
      </button>
      <button type="button" data-testid="step" data-part="step" disabled={busy} onClick={oneStep}>
        One step
      </button>
      <button
        type="button"
        class={`phase phase-${next}`}
        data-testid="phase"
        data-part="phase"
        disabled={busy}
        onClick={onePhase}
      >
        One phase<span class="turn">{next === 'discriminator' ? "D's turn" : "G's turn"}</span>
      </button>
      <button type="button" class="quiet" data-testid="reset" disabled={busy} onClick={() => session.reset()}>
        Reset
      </button>
      <i class="break" />
      <label class="field">
        <span>Speed</span>
        <select
          data-testid="speed"
          value={options.value.pace}
          onChange={({ currentTarget }) =>
            page.look({ pace: paces.find((pace) => pace === currentTarget.value) ?? 'full' })
          }
        >
          {paces.map((pace) => (
            <option key={pace} value={pace}>
              {paceNames[pace]}
            </option>
          ))}
        </select>
      </label>
      <NumberField
        name="Seed"
        testId="seed"
        value={session.state.value.seed}
        limits={labLimits.seed}
        whole
        change={(seed) => session.change({ seed })}
      />
      <dl class="clock">
        <div>
          <dt>step</dt>
          <dd data-testid="steps">{session.standsAt}</dd>
        </div>
        <div>
          <dt>steps/s</dt>
          <dd data-testid="steps-per-second">{rate}</dd>
        </div>
      </dl>
    </fieldset>
  );
}
