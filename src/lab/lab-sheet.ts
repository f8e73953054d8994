import type { FiniteDataset } from '../data/dataset.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import type { LabGame } from './lab-game.ts';
import type { LabSheet } from './lab-protocol.ts';
import type { FullView } from './lab-view.ts';

/** The images of a sheet where the view says nothing else: the default of points is too many. */
const IMAGES = 64;

/**
 * Images that the generator makes of the same z every time: those of the averaged generator where there is one, since that is
 * what trains for being looked at.
 *
 * @param withReal - with as many real images
 */
export async function lookAtSheet(lab: LabGame, view: FullView, withReal: boolean): Promise<LabSheet> {
  const [channels, height, width] = lab.game.examples.shape as readonly [number, number, number];
  const count = Math.min(view.samples, IMAGES);
  const averaged = lab.game.averageDecay !== undefined;
  const { data: z } = sheetLatent(lab.game, lab.state.seed, count);
  const pixels = await lab.looks.generate(z, averaged);
  const size = count * channels * height * width;
  const { train } = lab.dataset as FiniteDataset;
  return {
    samples: Uint8Array.from(pixels, (pixel) => Math.round(255 * Math.min(1, Math.max(0, pixel)))),
    ...(withReal ? { real: (train.examples as Uint8Array).slice(0, size) } : {}),
    count,
    channels,
    height,
    width,
  };
}
