import type { JSX } from 'preact';
import { defaultLabState, type LabState } from '../../../src/lab/lab-state.ts';
import { generatorPull } from '../../../src/theory/saturation.ts';
import { meanLength } from '../arrows.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import { SaturationPlot } from '../saturation-plot.tsx';
import type { Story } from './story.ts';

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
        Here D has a head start: its learning rate is twenty times that of G. Arrows in{' '}
        <b class="minimax">violet</b> are the pull of the <Pointer to="layer-minimax">minimax</Pointer> loss,
        those in <b class="pull">orange</b> that of the{' '}
        <Pointer to="layer-nonSaturating">non-saturating</Pointer> one, on the same samples, by the same D, to
        the same scale.
      </p>
    </>
  );
}

/** D learns fast, G slowly: samples are soon known to be made up. */
function strongDiscriminator(): LabState {
  const state = defaultLabState('gaussians-2d');
  return {
    ...state,
    generator: { ...state.generator, learningRate: 1e-4 },
    discriminator: { ...state.discriminator, learningRate: 2e-3 },
    penalties: [],
    average: 0,
  };
}

const modeTask = (loss: 'minimax' | 'nonSaturating'): string =>
  loss === 'minimax' ? 'minimax' : 'non-saturating';

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
      ask: 'play until the discriminator says less than 0.05 of samples. What has become of the violet arrows?',
      answer({ session }) {
        const frame = session.legible.value;
        const pull = frame?.points?.pull;
        if (!frame || !pull || !(frame.numbers.dFake < 0.05) || frame.step < 20) return undefined;
        const weak = meanLength(pull.minimax, 2);
        const strong = meanLength(pull.nonSaturating, 2);
        return `At step ${frame.step} D(G(z)) is ${frame.numbers.dFake.toPrecision(2)}. The mean pull of minimax is ${weak.toPrecision(2)}, of non-saturating ${strong.toPrecision(2)}: ${(strong / weak).toPrecision(2)} times as much. For one sample the ratio is (1 − D) / D.`;
      },
    },
    {
      ask: 'does it matter? Choose minimax as the loss, play 300 steps; then non-saturating, and play 300 again. With which of them are the samples nearer to the data?',
      answer({ session }, memory) {
        const frame = session.legible.value;
        const { loss } = session.state.value;
        const jsd = frame?.numbers.jsd;
        if (
          !frame ||
          jsd === undefined ||
          Number.isNaN(jsd) ||
          (loss !== 'minimax' && loss !== 'nonSaturating')
        )
          return undefined;
        if (frame.numbers.step >= 300 && frame.numbers.step <= 600) memory[loss] ??= jsd;
        const { minimax, nonSaturating } = memory;
        if (minimax === undefined || nonSaturating === undefined) return undefined;
        const nearer = minimax < nonSaturating ? 'minimax' : 'nonSaturating';
        return `After 300 steps JSD was ${minimax.toFixed(3)} with minimax and ${nonSaturating.toFixed(3)} with non-saturating: ${modeTask(nearer)} is nearer.`;
      },
    },
  ],
  open(page) {
    page.setProbability.value = 0.5;
    page.openStory('saturation', strongDiscriminator(), {
      ...usualOptions,
      layers: ['real', 'samples', 'nonSaturating', 'minimax'],
    });
  },
};
