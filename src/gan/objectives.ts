import { add, mul, sigmoid } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import type { Operand, Value, Values } from '../graph/value.ts';
import { softmaxCrossEntropy } from '../nn/cross-entropy.ts';
import { valueAt } from '../optim/optimiser.ts';
import { augmentRandom } from './augment/augmentation.ts';
import type { Batch, GameFeeds } from './game-feeds.ts';
import { discriminatorLoss, generatorLoss } from './loss.ts';
import type { Judgement, Passes } from './passes.ts';
import type { Penalty } from './penalty.ts';
import type { Objective } from './step.ts';
import { topKWeights } from './top-k.ts';

/** What an objective of D is of. */
export interface JudgedBatches {
  readonly real: Batch;
  readonly fake: Batch;
  readonly judged: { readonly real: Judgement; readonly fake: Judgement };
  /** Of what the penalties draw. */
  readonly scope: string;
  readonly due: readonly Penalty[];
}

/** What D minimises in one update: its loss, the classes' cross-entropy where it has them, the penalties that are due. */
export function discriminatorObjective(
  { game, feeds }: GameFeeds,
  variables: Values,
  passes: Passes,
  { real, fake, judged, scope, due }: JudgedBatches,
): Objective {
  const { loss, realTarget = 1, halved = false, augmentation, auxiliary } = game;
  const [realLogits, fakeLogits] = [judged.real.logits, judged.fake.logits];
  const sumOfTerms = discriminatorLoss(loss, realLogits, fakeLogits, { realTarget });
  const lossD = halved ? mul(sumOfTerms, 0.5) : sumOfTerms;
  const penalties = due.map((penalty): readonly [Penalty, Value] => {
    const own = `${scope}/${penalty.name}`;
    let passCount = 0;
    const discriminate = (x: Value) => {
      passCount++;
      return passes.discriminate({ x, labels: real.labels }, passCount === 1 ? own : own + passCount).logits;
    };
    const random = augmentRandom(feeds, own);
    const { examples } = game;
    const inputs = { real: real.x, fake: fake.x, realLogits, fakeLogits, discriminate, random, examples };
    const settings = Object.entries(penalty.settings).map(([key, schedule]): [string, Operand] => [
      key,
      typeof schedule === 'number'
        ? schedule
        : feeds.scalar(`${own}/${key}`, ({ step, epoch }) => schedule({ update: step, epoch })),
    ]);
    return [penalty, penalty.value(inputs, Object.fromEntries(settings))];
  });
  const classes = auxiliary && [classLoss(real, judged.real), classLoss(fake, judged.fake)];
  const terms = [
    ...penalties.map(([{ every }, value]) => (every === 1 ? value : mul(value, every))),
    ...(classes ?? []).map((value) => mul(value, auxiliary!.discriminator)),
  ];
  const { adaptation } = augmentation ?? {};
  return {
    loss: terms.reduce((total, term) => add(total, term), lossD),
    metrics: {
      lossD,
      'D(x)': mean(sigmoid(realLogits)),
      'D(G(z))': mean(sigmoid(fakeLogits)),
      ...(classes && { 'lossC(x)': classes[0]!, 'lossC(G(z))': classes[1]! }),
      ...Object.fromEntries(penalties.map(([{ name }, value]) => [`penalty/${name}`, value])),
      ...adaptation?.metrics(variables),
    },
    state: { ...passes.state, ...adaptation?.next(variables, realLogits) },
  };
}

/** What G minimises: its loss on the samples that count, and the classes' cross-entropy where D has them. */
export function generatorObjective(
  { game, feeds }: GameFeeds,
  passes: Passes,
  fake: Batch,
  judged: { readonly fake: Judgement; readonly real: Judgement | undefined },
): Objective {
  const { loss, topK, gradientTarget, auxiliary } = game;
  const { logits } = judged.fake;
  const rows = Number(logits.shape[0]);
  const count =
    topK === undefined
      ? undefined
      : feeds.scalar('topK', ({ step, epoch }) =>
          Math.min(rows, Math.max(1, Math.round(rows * valueAt(topK, { update: step, epoch })))),
        );
  const weights = count && topKWeights(logits, count);
  const lossG = generatorLoss(loss, logits, { realLogits: judged.real?.logits, weights });
  return {
    loss: auxiliary ? add(lossG, mul(classLoss(fake, judged.fake), auxiliary.generator)) : lossG,
    metrics: { lossG },
    gradientNormsAt: { sampleGradientNorm: fake.x },
    ...(gradientTarget === undefined
      ? {}
      : { rescaled: { by: 'sampleGradientNorm', target: gradientTarget } }),
    state: passes.state,
  };
}

/** The cross-entropy of a batch's labels under D's classes, []. */
function classLoss({ labels }: Batch, { classLogits }: Judgement): Value {
  return softmaxCrossEntropy(classLogits!, labels!.classes);
}
