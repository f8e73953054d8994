import type { Game } from '../gan/game.ts';
import { lazyLoss } from '../gan/lazy-loss.ts';
import type { Loss } from '../gan/loss.ts';
import { losses } from '../gan/losses.ts';
import { penalties } from '../gan/penalties.ts';
import type { Penalty } from '../gan/penalty.ts';
import { buildSchedule } from './build-schedule.ts';
import type { LossConfig, PenaltyConfig } from './objective-config.ts';
import type { ScheduleConfig } from './schedule-config.ts';

/** What of a game a loss decides: the loss of a name from the list, and what is done with it. */
export function buildLoss({
  name,
  labelSmoothing,
  halved,
  lazy,
  topK,
  gradientTarget,
  consensus,
}: LossConfig): Pick<Game, 'loss' | 'realTarget' | 'halved' | 'topK' | 'gradientTarget' | 'consensus'> {
  const loss: Loss = losses.find((listed) => listed.loss.name === name)!.loss;
  return {
    loss: lazy ? lazyLoss(loss, lazy) : loss,
    realTarget: labelSmoothing,
    halved,
    ...(topK === undefined ? {} : { topK: buildSchedule(topK) }),
    ...(gradientTarget === undefined ? {} : { gradientTarget }),
    ...(consensus === undefined ? {} : { consensus }),
  };
}

/** The penalty of a name from the list, with its settings. */
export function buildPenalty(config: PenaltyConfig): Penalty {
  const [[name, settings]] = Object.entries(config) as [[string, Readonly<Record<string, ScheduleConfig>>]];
  const { every, ...rest } = settings;
  const built = Object.entries(rest).map(([key, schedule]) => [key, buildSchedule(schedule)]);
  const { kind } = penalties.find((listed) => listed.kind.definition.name === name)!;
  return kind({ ...Object.fromEntries(built), ...(every === undefined ? {} : { every: every as number }) });
}
