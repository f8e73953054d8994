import type { JSX } from 'preact';
import { defaultLabState, type LabState } from '../../../src/lab/lab-state.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import type { Story } from './story.ts';

function Text(): JSX.Element {
  return (
    <>
      <p>
        Eight small Gaussians on a ring, and a generator that may put its samples where it likes. It is paid
        for samples that D takes for real, and nothing pays it for making <i>different</i> ones. So it may put
        them all on the mode that D believes most in just now. D learns that; the samples move on to the next.
      </p>
      <p>
        The paper calls it the Helvetica scenario: too many z make the same x. Watch the{' '}
        <Pointer to="layer-map">map z → x</Pointer>: the whole plane of z is folded into a few points.
      </p>
      <p>
        <Pointer to="kl-model-data">KL(model ‖ data)</Pointer> forgives it, since every sample is at a mode;{' '}
        <Pointer to="kl-data-model">KL(data ‖ model)</Pointer> does not, since there are data that are never
        made.
      </p>
    </>
  );
}

/** The ring without a penalty and with usual momentum: the generator hops. */
function withoutPenalty(): LabState {
  const state = defaultLabState('ring8');
  return {
    ...state,
    generator: { ...state.generator, momentum: 0.5 },
    discriminator: { ...state.discriminator, momentum: 0.5 },
    penalties: [],
    average: 0,
  };
}

export const modeCollapse: Story = {
  name: 'mode-collapse',
  title: 'Mode collapse',
  promise: 'How a generator wins by making one thing.',
  text: Text,
  tasks: [
    {
      ask: 'play 500 steps or more. How many of the 8 modes have samples?',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers || numbers.step < 500 || numbers.modes === undefined || !(numbers.modes <= 5))
          return undefined;
        return `At step ${numbers.step} ${numbers.modes} of ${numbers.modesTotal}. JSD is ${numbers.jsd?.toFixed(3)}: what is missing counts as much as what is wrong.`;
      },
    },
    {
      ask: 'what keeps the generator from hopping? Add a penalty on the discriminator, R1 with gamma 0.1, and play until at least 7 modes are covered.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        const { penalties } = session.state.value;
        if (!numbers || penalties.length === 0 || !((numbers.modes ?? 0) >= 7)) return undefined;
        return `At step ${numbers.step} ${numbers.modes} of ${numbers.modesTotal} modes are covered with ${penalties[0]!.name}. A gentle slope of D at the data pulls samples to all sides instead of sending them from mode to mode.`;
      },
    },
  ],
  open(page) {
    page.openStory('mode-collapse', withoutPenalty(), {
      ...usualOptions,
      layers: ['real', 'samples', 'map'],
    });
  },
};
