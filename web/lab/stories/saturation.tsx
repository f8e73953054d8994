import type { JSX } from 'preact';
import { defaultLabState, type LabState } from '../../../src/lab/lab-state.ts';
import { generatorPull } from '../../../src/theory/saturation.ts';
import { meanLength } from '../arrows.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import { SaturationPlot } from '../saturation-plot.tsx';
import { asPrinted, type Story } from './story.ts';

const at5 = generatorPull(0.05);

function Text(): JSX.Element {
  return (
    <>
      <p>
        In the zero-sum game G minimises log(1 − D(G(z))). Early on its samples are bad, D is sure of it,
        D(G(z)) is near 0, and there that loss is flat: it <i>saturates</i>. So the authors let G maximise log
        D(G(z)) instead. Both have the same fixed point; the slopes differ.
      </p>
      <SaturationPlot />
      <p>
        Beside this text D makes <Pointer to="discriminator">ten updates</Pointer> for each of G, and G
        descends by plain gradients. (Adam would divide them by their own size, and so hide a loss that is
        merely too flat.) Arrows in <b class="minimax">violet</b> are the pull of the{' '}
        <Pointer to="layer-minimax">minimax</Pointer> loss on each sample, those in <b class="pull">orange</b>{' '}
        that of the <Pointer to="layer-nonSaturating">non-saturating</Pointer> one: the same samples, the same
        D, one scale.
      </p>
    </>
  );
}

/** D is far ahead, and what G feels is what its loss gives: no optimiser scales it. */
function strongDiscriminator(): LabState {
  const state = defaultLabState('gaussians-2d');
  return {
    ...state,
    data: { kind: 'gaussians-2d', gaussians: [{ centre: [2, 0], deviation: 0.2, weight: 1 }] },
    generator: { ...state.generator, optimiser: 'sgd', learningRate: 5e-3 },
    loss: 'minimax',
    penalties: [],
    k: 10,
    decaySteps: 0,
    average: 0,
  };
}

export const saturation: Story = {
  name: 'saturation',
  title: 'When the loss goes flat',
  promise: 'Why G maximises log D instead.',
  text: Text,
  tasks: [
    {
      ask: 'move the slider to D(G(z)) = 0.05. How steep is each loss there?',
      answer({ setProbability }) {
        if (Math.abs(setProbability.value - 0.05) > 0.0025) return undefined;
        const minimax = Math.abs(at5.minimax.byProbability);
        const other = Math.abs(at5.nonSaturating.byProbability);
        return `Minimax ${minimax.toFixed(2)}, non-saturating ${other.toFixed(0)}: ${(other / minimax).toFixed(0)} times as steep, just where G needs it most.`;
      },
    },
    {
      ask: 'the loss is minimax. Play 50 steps. Do the samples come to the data, and what does D say of them?',
      answer({ session }) {
        const frame = session.legible.value;
        const pull = frame?.points?.pull;
        if (!frame || !pull || session.state.value.loss !== 'minimax') return undefined;
        const { dFake, jsd } = frame.numbers;
        if (frame.step < 50 || !(asPrinted(dFake) < 0.05) || jsd === undefined) return undefined;
        const weak = meanLength(pull.minimax, 2);
        const strong = meanLength(pull.nonSaturating, 2);
        return `At step ${frame.step} D(G(z)) is ${dFake.toPrecision(2)} and JSD ${jsd.toFixed(3)}, nearly log 2: the samples have nothing of the data. The mean pull of minimax is ${weak.toPrecision(2)}, that of the non-saturating loss would be ${strong.toPrecision(2)}. For each sample their ratio is D to 1 − D.`;
      },
    },
    {
      ask: 'choose the non-saturating loss (under Both, below), and play. Same networks, same seed, same D ten times as busy: how far does JSD fall now? Bring it below 0.15.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers?.jsd || session.state.value.loss !== 'nonSaturating' || !(asPrinted(numbers.jsd) < 0.15))
          return undefined;
        return `JSD is ${numbers.jsd.toFixed(3)} at step ${numbers.step}. Nothing has changed but the loss of G: where D is sure of a sample, −log D is steep and log(1 − D) is flat.`;
      },
    },
  ],
  open(page) {
    page.setProbability.value = 0.5;
    page.openStory('saturation', strongDiscriminator(), {
      ...usualOptions('gaussians-2d'),
      layers: ['real', 'samples', 'nonSaturating', 'minimax'],
    });
  },
};
