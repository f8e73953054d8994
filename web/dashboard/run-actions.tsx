import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { RunSummary, Started } from '../../src/server/api.ts';
import { announce } from './announcement.tsx';
import { postJson, runPath } from './api-client.ts';
import { resumeCommand } from './new-run/command-line.ts';
import { CopyableCommand } from './new-run/copyable-command.tsx';
import { useRunArgument } from './new-run/run-form.ts';
import { formatRoute } from './route.ts';

/** Stop, resume and fork: what the command line does by a signal, `--resume` and `--from`. */
export function RunActions({
  run,
  checkpoints,
}: {
  readonly run: RunSummary;
  readonly checkpoints: readonly number[];
}): JSX.Element {
  const { id, name, state, steps, step } = run;
  const failure = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const isResuming = useSignal(false);
  const target = useSignal(steps ?? step);
  const tell = async (what: 'stop' | 'resume', body: object): Promise<void> => {
    isBusy.value = true;
    failure.value = undefined;
    try {
      await postJson<Started>(runPath(id, `/${what}`), body);
      isResuming.value = false;
      announce(what === 'stop' ? `${name} stops after this stretch of steps.` : `${name} goes on.`);
    } catch (error) {
      failure.value = (error as Error).message;
    }
    isBusy.value = false;
  };
  const isAlive = state === 'running' || state === 'starting';
  const least = state === 'finished' ? (steps ?? step) + 1 : 1;
  const openResume = (): void => {
    target.value = state === 'finished' ? 2 * (steps ?? step) : (steps ?? step);
    isResuming.value = !isResuming.value;
  };
  return (
    <div class="run-actions">
      <div class="buttons">
        {isAlive && (
          <button
            type="button"
            disabled={isBusy.value}
            onClick={() => void tell('stop', {})}
            title="Writes a checkpoint first, as Ctrl-C does"
            data-testid="stop"
          >
            Stop
          </button>
        )}
        {!isAlive && state !== 'unknown' && (
          <button type="button" aria-expanded={isResuming.value} onClick={openResume} data-testid="resume">
            {state === 'finished' ? 'Train further' : 'Resume'}
          </button>
        )}
        {checkpoints.length > 0 && (
          <a
            class="button"
            href={formatRoute({ page: 'new', query: { from: id } })}
            title="Another run that begins with a checkpoint of this one"
            data-testid="fork"
          >
            Fork
          </a>
        )}
      </div>
      {isResuming.value && !isAlive && (
        <form
          class="resume"
          onSubmit={(event) => {
            event.preventDefault();
            void tell('resume', { steps: target.value });
          }}
        >
          <label class="field is-inline">
            <span>Go on to step</span>
            <input
              type="number"
              min={least}
              required
              value={target.value}
              data-testid="resume-steps"
              onInput={(event) => {
                target.value = event.currentTarget.valueAsNumber;
              }}
            />
          </label>
          <button type="submit" class="is-primary" disabled={isBusy.value} data-testid="resume-now">
            Resume
          </button>
          <ResumeCommand id={id} steps={target.value} />
        </form>
      )}
      {failure.value && (
        <p class="trouble is-bad" role="alert">
          {failure.value}
        </p>
      )}
    </div>
  );
}

function ResumeCommand({ id, steps }: { readonly id: string; readonly steps: number }): JSX.Element | null {
  const run = useRunArgument(id);
  return run === undefined ? null : <CopyableCommand command={resumeCommand(run, steps)} />;
}
