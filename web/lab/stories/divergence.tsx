import type { JSX } from 'preact';
import { defaultLabState } from '../../../src/lab/lab-state.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import { asPrinted, type Story } from './story.ts';

function Text(): JSX.Element {
  return (
    <>
      <p>
        Put the perfect discriminator into the value of the game, and what is left depends on the generator
        alone:
      </p>
      <p class="formula">
        C(G) = V(D*, G) = −log 4 + 2 JSD(p<sub>data</sub> ‖ p<sub>g</sub>).
      </p>
      <p>
        So with a good discriminator G does not minimise just any loss: it minimises a distance between two
        distributions, the <Pointer to="jsd">Jensen-Shannon divergence</Pointer>. It is 0 only if they are the
        same, and then <Pointer to="c-of-g">C(G)</Pointer> stands on the line at −log 4 = −1.386.
      </p>
      <p>
        JSD cannot be more than log 2 = 0.693, however far apart they are. That is its weakness: where the two
        have nothing in common it is flat, and going nearer earns nothing.
      </p>
    </>
  );
}

export const divergence: Story = {
  name: 'divergence',
  title: 'Why the loss is a divergence',
  promise: 'What the generator really minimises.',
  text: Text,
  tasks: [
    {
      ask: 'before you play, drag both real Gaussians as far from the green hill as they go. How large can JSD become? Bring it above 0.6.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers?.jsd || !(asPrinted(numbers.jsd) > 0.6)) return undefined;
        return `JSD is ${numbers.jsd.toFixed(3)} and C(G) ${numbers.cOfG?.toFixed(3)}. Farther apart it hardly grows any more: its ceiling is log 2 = 0.693, where C(G) is 0.`;
      },
    },
    {
      ask: 'now the other end. Play until JSD is below 0.06. How low does C(G) get, and where is D then?',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers?.jsd || !(asPrinted(numbers.jsd) < 0.06) || numbers.step === 0) return undefined;
        const above = numbers.cOfG! + Math.log(4);
        return `At step ${numbers.step} C(G) is ${numbers.cOfG!.toFixed(3)}, ${above.toFixed(3)} above −log 4, which is twice the JSD of ${numbers.jsd.toFixed(3)}. D says ${numbers.dReal.toFixed(2)} of data and ${numbers.dFake.toFixed(2)} of samples: about ½, since there is little left to tell. Below −log 4 no generator can get.`;
      },
    },
  ],
  open(page) {
    page.openStory('divergence', defaultLabState('gaussians-1d'), {
      ...usualOptions('gaussians-1d'),
      layers: ['optimalContour', 'map', 'samples'],
    });
  },
};
