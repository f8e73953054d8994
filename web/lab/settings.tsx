import type { JSX } from 'preact';
import {
  type LabLoss,
  type LabNetwork,
  labActivations,
  labDimension,
  labLimits,
  labLosses,
  labOptimisers,
} from '../../src/lab/lab-state.ts';
import { Choice, NumberField, RateChoice } from './field.tsx';
import { useLab } from './lab-page.ts';
import { PenaltySettings } from './penalty-settings.tsx';

const lossNames: Readonly<Record<LabLoss, string>> = {
  nonSaturating: 'non-saturating: maximise log D(G(z))',
  minimax: 'minimax: minimise log(1 − D(G(z)))',
  leastSquares: 'least squares (LSGAN)',
  wasserstein: 'Wasserstein (WGAN)',
  hinge: 'hinge',
  relativistic: 'relativistic pairing (R3GAN)',
};
const activationNames = {
  relu: 'ReLU',
  leakyRelu: 'leaky ReLU 0.2',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  maxout: 'maxout, 4 pieces',
} as const;
const optimiserNames = { adam: 'Adam', rmsprop: 'RMSProp', sgd: 'SGD' } as const;
const rates = [0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1];

/** Everything that the game is made from; changing it starts the game anew from the same seed. */
export function Settings(): JSX.Element {
  const { session } = useLab();
  const { generator, discriminator, latent, loss, k, order, batch, decaySteps, average, data } =
    session.state.value;
  const parameters = session.opened.value?.parameters;
  const consensus = session.state.value.penalties.some(({ name }) => name === 'consensus');
  return (
    <section class="settings" aria-labelledby="settings-title">
      <h2 id="settings-title">
        Rules of the game <small>a change starts it anew from the same seed</small>
      </h2>
      <fieldset class="card card-generator" data-part="generator">
        <legend>
          Generator <small>{parameters ? `${parameters.generator} weights` : ''}</small>
        </legend>
        <NetworkFields player="generator" network={generator} />
        <Choice
          name="Noise z"
          testId="latent"
          value={latent.distribution}
          choices={['gaussian', 'uniform']}
          labels={{ gaussian: 'Gaussian', uniform: 'uniform' }}
          change={(distribution) => session.change({ latent: { ...latent, distribution } })}
        />
        <NumberField
          name="Numbers in z"
          testId="latent-dimension"
          value={latent.dimension}
          limits={labLimits.latentDimension}
          whole
          change={(dimension) => session.change({ latent: { ...latent, dimension } })}
        />
      </fieldset>
      <fieldset class="card card-discriminator" data-part="discriminator">
        <legend>
          Discriminator <small>{parameters ? `${parameters.discriminator} weights` : ''}</small>
        </legend>
        <NetworkFields player="discriminator" network={discriminator} />
        <NumberField
          name="Updates a step (k)"
          testId="k"
          value={k}
          limits={order === 'simultaneous' ? [1, 1] : labLimits.k}
          whole
          change={(value) => session.change({ k: value })}
        />
        <PenaltySettings />
      </fieldset>
      <fieldset class="card" data-part="training">
        <legend>Both</legend>
        <Choice
          name="Loss"
          testId="loss"
          part="loss"
          value={loss}
          choices={labLosses}
          labels={lossNames}
          change={(value) => session.change({ loss: value })}
        />
        <Choice
          name="Order"
          testId="order"
          value={order}
          choices={['alternating', 'simultaneous']}
          labels={{ alternating: 'D, then G (Algorithm 1)', simultaneous: 'both at once' }}
          change={(value) =>
            session.change({
              order: value,
              ...(value === 'simultaneous' ? { k: 1 } : {}),
              ...(value === 'alternating' && consensus
                ? { penalties: session.state.value.penalties.filter(({ name }) => name !== 'consensus') }
                : {}),
            })
          }
        />
        <NumberField
          name="Minibatch"
          testId="batch"
          value={batch}
          limits={labLimits.batch}
          whole
          change={(value) => session.change({ batch: value })}
        />
        <NumberField
          name="Rates fall to 0 over (steps, 0: never)"
          value={decaySteps}
          limits={labLimits.decaySteps}
          whole
          change={(value) => session.change({ decaySteps: value })}
        />
        <NumberField
          name="Average of G keeps (0: none)"
          value={average}
          limits={labLimits.average}
          change={(value) => session.change({ average: value })}
        />
        {data.kind === 'drawn' ? (
          <NumberField
            name="Width of the pen"
            value={data.bandwidth}
            limits={labLimits.deviation}
            change={(bandwidth) => session.change({ data: { ...data, bandwidth } })}
          />
        ) : undefined}
        {labDimension(data) !== undefined && 'gaussians' in data ? <GaussianCount /> : undefined}
      </fieldset>
    </section>
  );
}

/** Depth, width, activation and optimiser of a player. */
function NetworkFields({
  player,
  network,
}: {
  readonly player: 'generator' | 'discriminator';
  readonly network: LabNetwork;
}): JSX.Element {
  const { session } = useLab();
  const set = (change: Partial<LabNetwork>): void => session.change({ [player]: { ...network, ...change } });
  return (
    <>
      <NumberField
        name="Hidden layers"
        testId={`${player}-depth`}
        value={network.depth}
        limits={labLimits.depth}
        whole
        change={(depth) => set({ depth })}
      />
      <NumberField
        name="Units each"
        testId={`${player}-width`}
        value={network.width}
        limits={labLimits.width}
        whole
        change={(width) => set({ width })}
      />
      <Choice
        name="Activation"
        testId={`${player}-activation`}
        value={network.activation}
        choices={labActivations}
        labels={activationNames}
        change={(activation) => set({ activation })}
      />
      <Choice
        name="Optimiser"
        testId={`${player}-optimiser`}
        value={network.optimiser}
        choices={labOptimisers}
        labels={optimiserNames}
        change={(optimiser) => set({ optimiser })}
      />
      <RateChoice
        name="Learning rate"
        testId={`${player}-rate`}
        value={network.learningRate}
        usual={rates}
        change={(learningRate) => set({ learningRate })}
      />
      <NumberField
        name={network.optimiser === 'adam' ? 'β₁' : 'Momentum'}
        value={network.momentum}
        limits={labLimits.momentum}
        change={(momentum) => set({ momentum })}
      />
    </>
  );
}

/** One Gaussian more or fewer. */
function GaussianCount(): JSX.Element {
  const { session } = useLab();
  const { data } = session.state.value;
  const { gaussians, kind } = data as Extract<typeof data, { readonly gaussians: unknown }>;
  const [, most] = labLimits.gaussians;
  return (
    <div class="field pair">
      <span>{gaussians.length} Gaussians</span>
      <button
        type="button"
        data-testid="add-gaussian"
        disabled={gaussians.length >= most}
        onClick={() => {
          const { centre, ...rest } = gaussians.at(-1)!;
          session.change({
            data: {
              kind,
              gaussians: [...gaussians, { ...rest, centre: centre.map((v) => (v > 1 ? v - 0.7 : v + 0.7)) }],
            },
          });
        }}
      >
        Add
      </button>
      <button
        type="button"
        data-testid="remove-gaussian"
        disabled={gaussians.length < 2}
        onClick={() => session.change({ data: { kind, gaussians: gaussians.slice(0, -1) } })}
      >
        Remove
      </button>
    </div>
  );
}
