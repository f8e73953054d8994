import type { JSX } from 'preact';
import { defaultLabState, type LabState } from '../../../src/lab/lab-state.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import { asPrinted, type Story } from './story.ts';

function Text(): JSX.Element {
  return (
    <>
      <p>
        Figure 1 of the paper, live. Dotted: the density of the data. Green: that of the generator, computed
        exactly from its map z → x, the lines at the bottom. Blue dashes: what the{' '}
        <b class="discriminator">discriminator</b> has learned.
      </p>
      <p>
        Here the generator stands still: its <Pointer to="generator">learning rate</Pointer> is 0. What is the
        best that D can do? At each x it maximises
      </p>
      <p class="formula">
        p<sub>data</sub>(x) log D + p<sub>g</sub>(x) log(1 − D),
      </p>
      <p>and that is largest at</p>
      <p class="formula">
        D*(x) = p<sub>data</sub>(x) / (p<sub>data</sub>(x) + p<sub>g</sub>(x)),
      </p>
      <p>
        the fine blue dots. Where only data are, it is 1; where only samples are, 0; where both are as likely,
        ½. <Pointer to="distance-to-optimal">Mean |D − D*|</Pointer> says how far the learned one is from it.
      </p>
    </>
  );
}

/** G stands still and nothing but the loss holds D: what it learns is D*. */
function frozenGenerator(): LabState {
  const state = defaultLabState('gaussians-1d');
  return {
    ...state,
    generator: { ...state.generator, learningRate: 0 },
    penalties: [],
    batch: 256,
  };
}

export const optimalDiscriminator: Story = {
  name: 'optimal-discriminator',
  title: 'The optimal discriminator',
  promise: 'What D would say if it were perfect.',
  text: Text,
  tasks: [
    {
      ask: 'press Play and watch the blue dashes find the blue dots, until mean |D − D*| is below 0.04.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        const distance = numbers?.distanceToOptimal;
        if (!numbers || distance === undefined || !(asPrinted(distance) < 0.04)) return undefined;
        return `At step ${numbers.step} D is within ${distance.toFixed(3)} of D* on average. V(D, G) = ${numbers.value?.toFixed(3)} has climbed towards C(G) = ${numbers.cOfG?.toFixed(3)}: that is what C(G) means, the value of a perfect discriminator.`;
      },
    },
    {
      ask: 'where D* crosses ½ the densities cross as well. Pause, drag a real Gaussian onto the green hill, and play: what becomes of D* there, and what of C(G)? Make C(G) smaller than it is now by 0.1.',
      answer({ session }, memory) {
        const numbers = session.legible.value?.numbers;
        const c = numbers?.cOfG;
        if (!numbers || c === undefined || Number.isNaN(c)) return undefined;
        memory['c'] ??= c;
        if (!(c < memory['c'] - 0.1)) return undefined;
        return `C(G) fell from ${memory['c'].toFixed(3)} to ${c.toFixed(3)}. The more the data lie where the samples are, the nearer D* is to ½ and the less even a perfect discriminator can gain.`;
      },
    },
  ],
  open(page) {
    page.openStory('optimal-discriminator', frozenGenerator(), {
      ...usualOptions('gaussians-1d'),
      layers: ['optimalContour', 'map'],
    });
  },
};
