import { openWebSession } from '../../src/web.ts';
import { type RingTraining, trainRing } from './train-ring.ts';

declare global {
  /** Set by this page, called by the test. */
  var trainRingInPage: () => Promise<RingTraining>;
}

globalThis.trainRingInPage = async () => trainRing(await openWebSession());
