import { minimax } from '../gan/losses/cross-entropy.ts';
import type { Condition, Figures } from './alarms.ts';
import type { DiagnosedGame } from './diagnosis.ts';

/** What alarms find; what is not finite tells itself. */
type Heard = Exclude<Condition, 'nonFinite'>;

const short = (value: number | undefined): string => String(Number(value!.toPrecision(2)));
const percent = (value: number | undefined): string => `${short(100 * value!)} %`;

const beginnings: Readonly<Record<Heard, (figures: Figures) => string>> = {
  discriminatorWins: (figures) =>
    `the discriminator wins: for 500 steps it has taken next to no sample for real (mean D(G(z)) ${short(figures['D(G(z))'])}), so that what it passes back no longer tells the generator where to go`,
  collapse: ({ diversity, duplicates }) =>
    `the generator has collapsed: its samples lie ${percent(diversity)} as far apart as the data and ${percent(duplicates)} of them have a near twin, so that many z give almost the same`,
  oscillation: ({ swings, steps, lowest, highest }) =>
    `the networks chase each other: the mean of D(G(z)) has swung ${swings} times within ${steps} steps, between ${short(lowest)} and ${short(highest)}, instead of settling`,
  plateau: ({ energyDistance, before }) =>
    `training has stalled: in 2000 steps the samples have come less than a tenth closer to the data (energy distance ${short(energyDistance)}, before ${short(before)}; that of the data is 0)`,
};

const endings: Readonly<Record<Heard, (figures: Figures) => string>> = {
  discriminatorWins: (figures) =>
    figures['D(G(z))']! > 0.02
      ? `the discriminator no longer wins: the mean of D(G(z)) is ${short(figures['D(G(z))'])} over 500 steps`
      : 'the samples come closer to the data all the same: the generator learns from a discriminator that it does not deceive',
  collapse: ({ diversity, duplicates }) =>
    `the samples vary again: they lie ${percent(diversity)} as far apart as the data, and ${percent(duplicates)} of them have a near twin`,
  oscillation: ({ swings, steps }) =>
    `the networks no longer chase each other: the mean of D(G(z)) has swung ${swings === 1 ? 'once' : `${swings} times`} within ${steps} steps`,
  plateau: ({ energyDistance }) =>
    `training goes on: the samples have come closer to the data (energy distance ${short(energyDistance)})`,
};

/** A condition that begins, in one sentence. */
export function beginning(condition: Heard, figures: Figures): string {
  return beginnings[condition](figures);
}

/** A condition that ends, in one sentence. */
export function ending(condition: Heard, figures: Figures): string {
  return endings[condition](figures);
}

/** What to try, in one sentence that names settings which this game does not have yet. */
export function advice(condition: Heard, game: DiagnosedGame): string {
  return `try ${listed(remedies[condition](game))}`;
}

const penalty = ({ penalties = [] }: DiagnosedGame): string => {
  const [first] = penalties;
  if (!first) return `an R1 penalty (penalties=[{"r1":{"gamma":0.1}}] for points, a gamma of 2 for images)`;
  const [[setting, value] = ['every', first.every]] = Object.entries(first.settings);
  const now = typeof value === 'number' ? ` is ${value}` : '';
  return `a heavier penalty (${setting} of ${first.name}${now})`;
};

const average = ({ averageDecay }: DiagnosedGame): string[] =>
  averageDecay === undefined ? ["samples from an average of the generator's weights (ema.decay 0.999)"] : [];

const remedies: Readonly<Record<Heard, (game: DiagnosedGame) => string[]>> = {
  discriminatorWins: (game) => [
    ...(game.loss === minimax
      ? ['loss.name=nonSaturating, whose gradient does not vanish with D(G(z))']
      : []),
    penalty(game),
    ...((game.k ?? 1) > 1 ? [`a smaller k (it is ${game.k})`] : []),
    'a lower learning rate or dropout for the discriminator',
  ],
  collapse: (game) => [
    penalty(game),
    'a lower learning rate for the generator',
    ...(game.updateOrder === 'simultaneous'
      ? []
      : [`more discriminator updates in a step (k is ${game.k ?? 1})`]),
  ],
  oscillation: (game) => [
    ...(game.updateOrder === 'simultaneous' ? ['updateOrder=alternating'] : []),
    penalty(game),
    'lower learning rates or less momentum for both networks',
    ...average(game),
  ],
  plateau: () => [
    'larger learning rates, or schedules that fall later, if the rates are small by now',
    'wider networks if they are not',
  ],
};

function listed(options: readonly string[]): string {
  return options.length === 1 ? options[0]! : `${options.slice(0, -1).join('; ')}; or ${options.at(-1)}`;
}
