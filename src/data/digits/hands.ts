import { type Allograph, allographs } from './allographs.ts';
import type { Knots } from './curve.ts';
import type { Draws } from './draws.ts';

/** One allograph, its hands as numbers. */
export interface Form {
  readonly share: number;
  /** Number of knots up to the end of each stroke. */
  readonly strokeEnds: readonly number[];
  /** Per hand: x, y and sharpness of every knot, `[knots, 3]`. */
  readonly hands: readonly Float64Array[];
  /** The average hand, which nobody writes. */
  readonly average: Float64Array;
}

const strokesOf = (hand: string): string[][] => hand.split(' / ').map((stroke) => stroke.split(' '));

function valuesOf(hand: string): Float64Array {
  const knots = strokesOf(hand).flat();
  return Float64Array.from(
    knots.flatMap((knot) => [...knot.replace('!', '').split(',').map(Number), knot.endsWith('!') ? 1 : 0]),
  );
}

function strokeEndsOf(hand: string): number[] {
  let end = 0;
  return strokesOf(hand).map((stroke) => {
    end += stroke.length;
    return end;
  });
}

function formOf({ share, hands: texts }: Allograph): Form {
  const hands = texts.map(valuesOf);
  const average = hands[0]!.map((_, i) => hands.reduce((sum, hand) => sum + hand[i]!, 0) / hands.length);
  return { share, strokeEnds: strokeEndsOf(texts[0]!), hands, average };
}

/** The forms of each digit, at the index of the digit. */
const formsOfDigits: readonly (readonly Form[])[] = Array.from({ length: 10 }, (_, digit) =>
  allographs.filter((allograph) => allograph.digit === digit).map(formOf),
);

/** By how much a person is farther from the average of all hands than the hands in the table, which are too few. */
const exaggeration = 1.15;

/** One of the ways to write `digit`, by their shares. */
export function chooseForm(digit: number, draws: Draws): Form {
  const forms = formsOfDigits[digit]!;
  let rest = draws.uniform();
  for (const form of forms) {
    rest -= form.share;
    if (rest < 0) return form;
  }
  return forms[forms.length - 1]!;
}

/**
 * Another person who writes `form`: mostly like one hand of the table, with something of two others, so that people fill
 * the space between the hands. Written to `knots`.
 */
export function mixHands(form: Form, draws: Draws, knots: Knots): void {
  const { hands, average } = form;
  const one = hands[draws.below(hands.length)]!;
  const two = hands[draws.below(hands.length)]!;
  const three = hands[draws.below(hands.length)]!;
  const u = draws.uniform();
  const v = draws.uniform();
  const weightTwo = u * u * u;
  const weightThree = v * v * v * v * v * v;
  const total = exaggeration / (1 + weightTwo + weightThree);
  for (let k = 0; k < average.length; k += 3) {
    const mixed = (i: number): number =>
      total * (one[i]! + weightTwo * two[i]! + weightThree * three[i]!) + (1 - exaggeration) * average[i]!;
    knots.x[k / 3] = mixed(k);
    knots.y[k / 3] = mixed(k + 1);
    knots.sharpness[k / 3] = mixed(k + 2);
  }
}
