import type { JSX } from 'preact';
import type { RunState } from '../../src/server/api.ts';

const meanings: Readonly<Record<RunState, string>> = {
  starting: 'Its process prepares: it loads the data and compiles',
  running: 'A process trains it',
  finished: 'It has reached its last step',
  stopped: 'It was stopped before its last step and can be resumed',
  failed: 'It ended with an error',
  unknown: 'Another machine trains it, and has not written for two minutes',
};

/** What a run does, as a word with a colour and a mark of its own. */
export function StateChip({ state }: { readonly state: RunState }): JSX.Element {
  return (
    <span class={`state is-${state}`} title={meanings[state]}>
      {state}
    </span>
  );
}
