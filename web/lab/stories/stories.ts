import { circles } from './circles.tsx';
import { divergence } from './divergence.tsx';
import { modeCollapse } from './mode-collapse.tsx';
import { optimalDiscriminator } from './optimal-discriminator.tsx';
import { saturation } from './saturation.tsx';
import type { Story } from './story.ts';
import { twoPlayers } from './two-players.tsx';

/** The stories, in the order in which they are best read. */
export const stories: readonly Story[] = [
  twoPlayers,
  optimalDiscriminator,
  divergence,
  saturation,
  modeCollapse,
  circles,
];
