import type { LabFrame } from '../../src/lab/lab-protocol.ts';

const known = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

/** A moment of the game in a sentence or two, as a screen reader says it. */
export function spokenSummary({ step, numbers, failure }: LabFrame): string {
  if (failure) return failure.message;
  const { jsd, modes, modesTotal, dReal, dFake } = numbers;
  const parts = [`Step ${step}`];
  if (known(jsd)) parts.push(`JSD ${jsd.toFixed(3)}`);
  if (known(modes) && known(modesTotal)) parts.push(`${modes} of ${modesTotal} modes`);
  if (known(dReal) && known(dFake))
    parts.push(`D says ${dReal.toFixed(2)} of real data and ${dFake.toFixed(2)} of samples`);
  return `${parts.join('. ')}.`;
}
