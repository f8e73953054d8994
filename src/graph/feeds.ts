import { ShapeError } from '../errors.ts';
import type { DType } from './tensor.ts';
import { input, type Value } from './value.ts';

/** When an iteration happens, counted from 0. */
export interface Time {
  /** Iterations before this one: one iteration is k discriminator updates and one generator update. */
  readonly step: number;
  /** Whole passes over the data before this iteration; 0 for endless data. */
  readonly epoch: number;
}

/** How the host fills an input before an iteration. */
export type Recipe =
  /** A fresh minibatch; `index` tells those of one step apart (0 to k - 1). */
  | { readonly kind: 'minibatch'; readonly index: number }
  /** uint8: the class of each example of the minibatch of the same index. */
  | { readonly kind: 'labels'; readonly index: number }
  /** uint8: classes 0 ... classes - 1, each equally likely. */
  | { readonly kind: 'classes'; readonly classes: number }
  /** Independent uniform numbers in [low, high). */
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  /** Independent normal numbers of mean 0. */
  | { readonly kind: 'normal'; readonly standardDeviation: number }
  /** Rows drawn uniformly from the unit sphere. */
  | { readonly kind: 'spherical' }
  /** bool, true with the given probability. */
  | { readonly kind: 'bernoulli'; readonly probability: number }
  /** A number that depends on the time alone, computed in float64 and fed as float32. */
  | { readonly kind: 'scalar'; readonly at: (time: Time) => number };

/** An input that is fed anew every iteration, and what it is fed with. */
export interface Feed {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly recipe: Recipe;
}

/** Gives the value of a declared feed: a graph input, or one iteration's share of a chunk's input. */
export type FeedSource = (name: string, dtype: DType, shape: readonly number[]) => Value;

/**
 * The inputs that one iteration takes from the host: minibatches, noise, masks and scheduled scalars. Randomness never
 * runs inside the graph, because a step must replay from the seed and its number on every engine.
 */
export class Feeds {
  readonly #feeds: Map<string, Feed>;
  readonly #source: FeedSource;

  /**
   * @param source - where a feed's value comes from; by default a graph input of the feed's own type
   * @param declared - what is declared already; nothing by default
   */
  constructor(source: FeedSource = input, declared: Map<string, Feed> = new Map()) {
    this.#source = source;
    this.#feeds = declared;
  }

  /** These feeds, every value that is declared from now on passed through `bring` (see `changeWhere`). */
  through(bring: (value: Value) => Value): Feeds {
    return new Feeds((...feed) => bring(this.#source(...feed)), this.#feeds);
  }

  /** All feeds in the order in which they were declared. */
  get list(): readonly Feed[] {
    return [...this.#feeds.values()];
  }

  /** Declares a feed and returns its value. @throws ShapeError where the name is taken */
  declare(name: string, dtype: DType, shape: readonly number[], recipe: Recipe): Value {
    if (this.#feeds.has(name)) throw new ShapeError(`feeds: names must be unique, got ${name} twice`);
    this.#feeds.set(name, { name, dtype, shape, recipe });
    return this.#source(name, dtype, shape);
  }

  /** bool of the given shape, true with the given probability. */
  bernoulli(name: string, shape: readonly number[], probability: number): Value {
    return this.declare(name, 'bool', shape, { kind: 'bernoulli', probability });
  }

  /** float32 []: a number that depends on the time alone. */
  scalar(name: string, at: (time: Time) => number): Value {
    return this.declare(name, 'float32', [], { kind: 'scalar', at });
  }
}
