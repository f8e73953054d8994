import type { JSX } from 'preact';
import type { LabFrame, LabPhase } from '../../../src/lab/lab-protocol.ts';
import { defaultLabState } from '../../../src/lab/lab-state.ts';
import { usualOptions } from '../page-options.ts';
import { Pointer } from '../pointer.tsx';
import { asPrinted, type Memory, type Story } from './story.ts';

function Text(): JSX.Element {
  return (
    <>
      <p>
        The grey points are <b class="real">real data</b>: draws from three Gaussians, which you may drag. The
        green points are <b class="model">samples</b>: the generator G took a random z and made G(z) of it. It
        never sees the data.
      </p>
      <p>
        The colours are the <b class="discriminator">discriminator</b>: blue where D(x) is near 1, “this is
        real”, sand where it is near 0, “this is made up”. On the line between them D says ½.
      </p>
      <p>
        They take turns. In its <Pointer to="phase">phase</Pointer> the discriminator learns to tell this
        minibatch of data from these samples. Then the generator learns: each sample is pulled where D would
        sooner take it for real, along the <Pointer to="layer-nonSaturating">arrows</Pointer>. Both play for
        one number, <Pointer to="value">V(D, G)</Pointer>: D wants it high, G low.
      </p>
    </>
  );
}

/** How far samples of the same z are from where they were, on average. */
function moved(before: Float32Array, after: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < after.length; i += 2)
    sum += Math.hypot(after[i]! - before[i]!, after[i + 1]! - before[i + 1]!);
  return sum / (after.length / 2);
}

/** The last frame that the task about phases saw. */
let last: LabFrame | undefined;

/** How far the samples went in the phase between two frames; undefined where more than one phase lies between them. */
function phaseBetween(
  was: LabFrame,
  is: LabFrame,
): { readonly player: LabPhase; readonly by: number } | undefined {
  const before = was.points?.samples;
  const after = is.points?.samples;
  if (!before || !after || before.length !== after.length) return undefined;
  const steps = is.step - was.step;
  const byD = was.phase === 'discriminator' && is.phase === 'generator' && steps === 0;
  const byG = was.phase === 'generator' && is.phase === 'discriminator' && steps === 1;
  if (!byD && !byG) return undefined;
  return { player: byD ? 'discriminator' : 'generator', by: moved(before, after) };
}

export const twoPlayers: Story = {
  name: 'two-players',
  title: 'The two players',
  promise: 'Who moves what, and when.',
  text: Text,
  tasks: [
    {
      ask: 'press One phase, twice. First D moves, then G. Which of the two moves the green points?',
      answer({ session }, memory) {
        const frame = session.frame.value;
        const made = last && frame && phaseBetween(last, frame);
        last = frame;
        if (made) memory[made.player] = made.by;
        return phaseAnswer(memory);
      },
    },
    {
      ask: 'press Play. Do all three Gaussians get their samples, and how small does JSD become? Wait until it is below 0.15.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        const jsd = numbers?.jsd;
        if (!numbers || !jsd || !(asPrinted(jsd) < 0.15) || numbers.step === 0) return undefined;
        return `After ${numbers.step} steps JSD is ${jsd.toFixed(3)}, and ${numbers.modes} of ${numbers.modesTotal} Gaussians have their samples. G has never seen a data point: all that it knows of them came through D's gradient.`;
      },
    },
    {
      ask: 'by now D says about ½ of data and of samples alike. Does that prove that the samples are good? Press Reset, make one step, and compare D(x), D(G(z)) and JSD.',
      answer({ session }) {
        const numbers = session.legible.value?.numbers;
        if (!numbers || numbers.step === 0 || numbers.step > 5 || !((numbers.jsd ?? 0) > 0.3))
          return undefined;
        return `At step ${numbers.step} D says ${numbers.dReal.toFixed(2)} of data and ${numbers.dFake.toFixed(2)} of samples, and JSD is ${numbers.jsd!.toFixed(2)}: this D cannot tell because it has learned nothing yet. ½ proves something only where even the best D says it. What the best one says is the next story.`;
      },
    },
  ],
  open(page) {
    last = undefined;
    page.openStory('two-players', defaultLabState('gaussians-2d'), usualOptions('gaussians-2d'));
  },
};

function phaseAnswer({ discriminator: byD, generator: byG }: Memory): string | undefined {
  if (byD === undefined || byG === undefined) return undefined;
  return `In D's phase the green points moved by ${byD === 0 ? 'exactly 0' : byD.toPrecision(2)}, only the colours changed. In G's phase they moved by ${byG.toPrecision(2)} on average, and the colours stayed.`;
}
