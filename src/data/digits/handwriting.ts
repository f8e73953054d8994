import { Curve, Knots } from './curve.ts';
import { Draws } from './draws.ts';
import { chooseForm, type Form, mixHands } from './hands.ts';
import type { Line } from './line.ts';
import { noiseLength, readTape } from './noise.ts';
import { pageSide } from './pen.ts';

// What makes one person's digit differ from another's, and from the same person's a minute later. Unless said otherwise
// lengths are in hundredths of the digit's height and a spread is the standard deviation of a normal number. All of it was
// chosen by looking at sheets beside MNIST's, and at both sets' pixel statistics (scripts/digits-beside-mnist.ts).

/** How each digit, 0 to 9, differs from the others: its height, dx/dy of its slant, how freely it is shaped. */
const height: readonly number[] = [0.87, 0.92, 0.94, 0.98, 1.02, 1.02, 0.98, 0.94, 1.04, 1.06];
const lean: readonly number[] = [0.18, 0.22, 0.13, 0.05, 0.22, 0.02, 0.12, 0.04, 0.1, 0.16];
const freedom: readonly number[] = [1, 0.6, 1, 1, 1, 1, 1, 1, 1, 1];

/** Height of a digit in dots of the page and its bounds; 41 dots are 3.5 mm at 300 to the inch. */
const heightDots = 41;
const heightSpread = 7;
const leastHeight = 26;
const mostHeight = 62;

/** Radius of the pen in dots, and its relative spread; the most of the height, beyond which loops run full of ink. */
const penRadius = 2.3;
const penSpread = 0.19;
const thickest = 0.11;

const slantSpread = 0.24; // dx/dy
const widthSpread = 0.2; // relative
const turnSpread = 0.085; // radians, nearly

/** Bending of the whole digit: by quadratic terms in x and y, and by cubic ones. */
const bendSpread = 4.8;
const twistSpread = 2.9;

/** How far a knot strays: with its neighbours in part, as a hand that is late stays late. Ends are aimed at less well. */
const straySpread = 2.2;
const strayKept = 0.5;
const strayOfEnds = 1.6;

/** Chance that someone is in a hurry, and twice as sloppy as others. */
const hurry = 0.18;

/** Chance of a hook at an end of a stroke, and its length. */
const hook = 0.22;
const hookLength = 9;

/** Chance that the pen stops at a knot, and the sharpness that this adds; the most that angular people add to each. */
const stop = 0.06;
const sharpnessOfStop = 0.8;
const angularity = 0.35;

/** Most passes of rounding by people who write fast. */
const haste = 4;

/** Shaking of the hand; relative changes of the pen's width along the line, and between its directions. */
const tremor = 0.35;
const pressureSpread = 0.14;
const nibSpread = 0.15;

/** How many points apart the values of shaking and pressure are; straight lines join them. */
const pointsPerTremor = 3;
const pointsPerPressure = 5;

/** Writes digits. Each is by another person: which, and how well, is drawn from the seed and the example's index. */
export class Writer {
  readonly #draws: Draws;
  readonly #noise: Float32Array;
  readonly #knots = new Knots();
  readonly #curve = new Curve();
  /** Of one digit: three quadratic terms for x, three for y, a cubic one each. */
  readonly #bend = new Float64Array(8);

  constructor(seed: number, noise: Float32Array) {
    this.#draws = new Draws(seed);
    this.#noise = noise;
  }

  /** Writes `digit` as example `index` to `line`, in dots of the page, and returns where the paper's grain begins. */
  write(index: number, digit: number, line: Line): number {
    const draws = this.#draws;
    draws.begin(index);
    const form = chooseForm(digit, draws);
    const sloppiness = (0.5 + draws.uniform()) * (draws.uniform() < hurry ? 2 : 1);
    mixHands(form, draws, this.#knots);
    this.#stray(form, digit, sloppiness);

    line.clear();
    let first = 0;
    for (const end of form.strokeEnds) {
      this.#stroke(first, end - 1, sloppiness, line);
      first = end;
    }
    const wanted = height[digit]! * (heightDots + heightSpread * draws.normal());
    const dots = Math.max(leastHeight, Math.min(mostHeight, wanted));
    const z = draws.normal();
    const pen = Math.min(penRadius * (1 + penSpread * z + 0.04 * z * z), thickest * dots);
    line.fit(dots - 2 * pen, pageSide / 2);
    this.#press(line, pen);
    return draws.below(noiseLength);
  }

  /** Moves the knots: each for itself, then all together by bending, widening, slanting and turning the digit. */
  #stray(form: Form, digit: number, sloppiness: number): void {
    const draws = this.#draws;
    const { x, y, sharpness } = this.#knots;
    const bend = this.#bend;
    for (let k = 0; k < 8; k++)
      bend[k] = (k < 6 ? bendSpread : twistSpread) * freedom[digit]! * draws.normal();
    const z = draws.normal();
    const width = 1 + widthSpread * z + 0.02 * z * z;
    const slant = lean[digit]! + slantSpread * draws.normal();
    const halfTurn = (turnSpread * draws.normal()) / 2;
    const cosine = (1 - halfTurn * halfTurn) / (1 + halfTurn * halfTurn);
    const sine = (2 * halfTurn) / (1 + halfTurn * halfTurn);
    const u = draws.uniform();
    const angular = angularity * u * u * u;
    const spread = straySpread * freedom[digit]! * sloppiness;

    let first = 0;
    for (const end of form.strokeEnds) {
      let strayX = 0;
      let strayY = 0;
      for (let i = first; i < end; i++) {
        const kept = i === first ? 0 : strayKept;
        const fresh = spread * Math.sqrt(1 - kept * kept);
        strayX = kept * strayX + fresh * draws.normal();
        strayY = kept * strayY + fresh * draws.normal();
        const reach = i === first || i === end - 1 ? strayOfEnds : 1;
        // From -1 to 1 over the digit.
        const h = (x[i]! - 48) / 50;
        const v = (y[i]! - 50) / 50;
        const bentX =
          50 * h +
          bend[0]! * h * h +
          bend[1]! * h * v +
          bend[2]! * v * v +
          bend[6]! * v * v * v +
          reach * strayX;
        const bentY =
          50 * v +
          bend[3]! * h * h +
          bend[4]! * h * v +
          bend[5]! * v * v +
          bend[7]! * h * v * v +
          reach * strayY;
        const slantedX = bentX * width - slant * bentY;
        x[i] = slantedX * cosine - bentY * sine;
        y[i] = slantedX * sine + bentY * cosine;
        const stopped = draws.uniform() < stop * sloppiness ? sharpnessOfStop : 0;
        sharpness[i] = Math.max(0, Math.min(1, sharpness[i]! + angular + stopped));
      }
      first = end;
    }
  }

  /** Draws the stroke through knots `first` to `last`. */
  #stroke(first: number, last: number, sloppiness: number, line: Line): void {
    const draws = this.#draws;
    const noise = this.#noise;
    const { x, y } = this.#knots;
    const begin = line.count;
    this.#hook(first, first + 1, sloppiness, line);
    line.add(x[first]!, y[first]!, line.count === begin);
    this.#curve.draw(this.#knots, first, last, line);
    this.#hook(last, last - 1, sloppiness, line);
    line.soften(begin, Math.floor(haste * draws.uniform() * sloppiness));

    const shake = tremor * sloppiness;
    const tapeX = draws.below(noiseLength);
    const tapeY = draws.below(noiseLength);
    for (let i = begin; i < line.count; i++) {
      line.x[i]! += shake * readTape(noise, tapeX, i - begin, pointsPerTremor);
      line.y[i]! += shake * readTape(noise, tapeY, i - begin, pointsPerTremor);
    }
  }

  /**
   * Adds, by chance, a hook at the end `at` of a stroke whose neighbour is `next`: the pen is down before it is on its
   * way, or still down when it leaves. A hook that goes straight on is an overshoot.
   */
  #hook(at: number, next: number, sloppiness: number, line: Line): void {
    const draws = this.#draws;
    if (draws.uniform() >= hook * sloppiness) return;
    const { x, y } = this.#knots;
    const dx = x[at]! - x[next]!;
    const dy = y[at]! - y[next]!;
    const length = (hookLength * (0.4 + Math.abs(draws.normal()))) / (Math.sqrt(dx * dx + dy * dy) + 1e-6);
    const halfTurn = 0.8 * draws.normal();
    const cosine = (1 - halfTurn * halfTurn) / (1 + halfTurn * halfTurn);
    const sine = (2 * halfTurn) / (1 + halfTurn * halfTurn);
    const hookX = length * (dx * cosine - dy * sine);
    const hookY = length * (dx * sine + dy * cosine);
    const isStart = at < next;
    for (let step = 1; step <= 3; step++) {
      const far = isStart ? (4 - step) / 3 : step / 3;
      line.add(x[at]! + far * hookX, y[at]! + far * hookY, isStart && step === 1);
    }
  }

  /** Sets the pen's radius along the line: how hard it is pressed, and a nib that is wider in one direction. */
  #press(line: Line, pen: number): void {
    const draws = this.#draws;
    const { x, y, radius, begins, count } = line;
    const nibX = draws.normal();
    const nibY = draws.normal();
    const nib = nibSpread * Math.abs(draws.normal());
    const nibSquare = nibX * nibX + nibY * nibY + 1e-6;
    const tape = draws.below(noiseLength);
    for (let i = 0; i < count; i++) {
      const from = begins[i] === 1 ? i : i - 1;
      const to = i + 1 === count || begins[i + 1] === 1 ? i : i + 1;
      const dx = x[to]! - x[from]!;
      const dy = y[to]! - y[from]!;
      const across = dx * nibX + dy * nibY;
      const aligned = (across * across) / ((dx * dx + dy * dy + 1e-6) * nibSquare);
      const pressed = pressureSpread * readTape(this.#noise, tape, i, pointsPerPressure);
      radius[i] = pen * Math.max(0.5, 1 + pressed) * (1 + nib * (0.5 - aligned));
    }
  }
}
