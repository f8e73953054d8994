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
        Both have a little too much momentum here (β₁ = 0.8), and it never ends.
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

/** Eight Gaussians, larger than those of ring8, and optimisers with so much momentum that both overshoot. */
function overshooting(): LabState {
  const state = defaultLabState('gaussians-2d');
  const gaussians = Array.from({ length: 8 }, (_, i) => ({
    centre: [1.6 * Math.cos((i * Math.PI) / 4), 1.6 * Math.sin((i * Math.PI) / 4)],
    deviation: 0.1,
    weight: 1,
  }));
  const rates = { learningRate: 1e-3, momentum: 0.8 };
  return {
    ...state,
    data: { kind: 'gaussians-2d', gaussians },
    generator: { ...state.generator, ...rates },
    discriminator: { ...state.discriminator, ...rates, depth: 2, width: 32 },
    penalties: [],
    decaySteps: 0,
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
      ask: 'play 400 steps or more. How many of the 8 modes have samples, and do they stay?',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers || numbers.step < 400 || numbers.modes === undefined || !(numbers.modes <= 3))
          return undefined;
        return `At step ${numbers.step}: ${numbers.modes} of ${numbers.modesTotal}. JSD is ${numbers.jsd?.toFixed(2)}, of log 2 = 0.69 at most: what is missing counts as much as what is wrong.`;
      },
    },
    {
      ask: 'what ends the chase? Add the penalty R1 to the discriminator with gamma 1, or set β₁ of both to 0, and play until at least 7 modes are covered.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        const { penalties, generator, discriminator } = session.state.value;
        if (!numbers || !((numbers.modes ?? 0) >= 7)) return undefined;
        const calmed = [
          ...penalties.map(({ name, weight }) => `${name} ${weight}`),
          ...(generator.momentum < 0.8 ? [`β₁ = ${generator.momentum} of G`] : []),
          ...(discriminator.momentum < 0.8 ? [`β₁ = ${discriminator.momentum} of D`] : []),
        ];
        return `At step ${numbers.step} ${numbers.modes} of ${numbers.modesTotal} modes are covered${calmed.length > 0 ? `, with ${calmed.join(', ')}` : ''}. A D that is flat about the data, or players that do not overshoot, pull samples to all sides instead of sending the crowd from mode to mode. The last story shows why, in a game of two numbers.`;
      },
    },
  ],
  open(page) {
    page.openStory('mode-collapse', overshooting(), {
      ...usualOptions('gaussians-2d'),
      layers: ['real', 'samples', 'map'],
    });
  },
};
