import type { JSX } from 'preact';
import { usualOptions } from '../page-options.ts';
import type { Story } from './story.ts';

function Text(): JSX.Element {
  return (
    <>
      <p>
        The smallest game there is, the Dirac-GAN. The data are a single point, 0. The generator is one number
        θ, its only sample. The discriminator is a line through 0 with slope ψ. Both could be at rest in the
        middle of the picture, θ = ψ = 0: the sample is right and D says ½.
      </p>
      <p>
        Do they get there? Each picture is one way of training; the arrows are where it pushes, the curve is
        where it goes. In the plain <b>GAN</b> the push is always across, never inwards: θ runs from D, D
        turns after θ, round and round. With simultaneous steps each of them leads a little outwards.
      </p>
      <p>
        What helps is a force towards ψ = 0: a penalty on D's slope (<b>R1</b>, <b>R2</b>), noise on what D
        sees (<b>instance noise</b>), or a term that both share (<b>consensus</b>).
      </p>
    </>
  );
}

export const circles: Story = {
  name: 'circles',
  title: 'Going in circles',
  promise: 'Nine ways to train, and which arrive.',
  text: Text,
  tasks: [
    {
      ask: 'guess first: tick the methods that you expect to reach the centre. Then press Play and let all of them make 5,000 steps.',
      answer({ dirac }) {
        const { verdicts, guesses, paths } = dirac;
        if (verdicts.value.size < paths.value.length || guesses.value.size === 0) return undefined;
        const arrived = [...verdicts.value]
          .filter(([, verdict]) => verdict === 'converges')
          .map(([name]) => name);
        const right = paths.value.filter(
          ({ method }) => guesses.value.has(method.name) === arrived.includes(method.name),
        ).length;
        return `${right} of ${paths.value.length} guesses were right. These arrive: ${arrived.join(', ')}. The others circle, drift out, or come nearer ever more slowly.`;
      },
    },
    {
      ask: 'is it the method or the step? Find a learning rate h at which R1 no longer arrives.',
      answer({ dirac }) {
        const verdict = dirac.verdicts.value.get('R1');
        if (verdict === undefined || verdict === 'converges') return undefined;
        return `With h = ${dirac.rate.value} and ${dirac.dynamics.value} steps R1 does not arrive. Converging is a promise for small steps: in each of them the circle throws outwards about as h², the penalty pulls inwards as h.`;
      },
    },
  ],
  open(page) {
    page.openStory('circles', undefined, usualOptions(page.session.state.value.data.kind));
  },
};
