import type { Minibatches } from '../data/minibatches.ts';
import { ConfigError } from '../errors.ts';
import type { Feed } from '../graph/feeds.ts';
import { allocate, bytesPerElement, elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import { fillBernoulli } from '../random/bernoulli.ts';
import { fillClasses } from '../random/classes.ts';
import { fillNormal } from '../random/normal.ts';
import { fillSpherical } from '../random/spherical.ts';
import { type Key, streamOf } from '../random/threefry.ts';
import { fillUniform } from '../random/uniform.ts';

/** The host may not be kept busy longer than this at a stretch: a page must stay at 60 frames a second. */
const SLICE_MS = 8;

/** Where an iteration's feeds come from; together with the step's number they are all that it depends on. */
export interface FeedSources {
  readonly seed: number;
  readonly minibatches: Minibatches;
}

/** Bytes that one iteration's feeds take. */
export function feedBytes(feeds: readonly Feed[]): number {
  return feeds.reduce((total, { dtype, shape }) => total + bytesPerElement(dtype) * elementCount(shape), 0);
}

/**
 * Fills the feeds of `count` iterations from step `first` (counted from 0), `[count, ...shape]` each, or `[...shape]`
 * where count is undefined. Gives way to other work every 8 ms.
 *
 * Every feed draws from a random stream of its own name at the counter of its step, so what a step is fed with does not
 * depend on how steps were grouped.
 */
export async function fillFeeds(
  feeds: readonly Feed[],
  sources: FeedSources,
  first: number,
  count?: number,
): Promise<Tensors> {
  const tensors: Record<string, Tensor> = {};
  let sliceEnd = performance.now() + SLICE_MS;
  for (const feed of feeds) {
    const size = elementCount(feed.shape);
    const data = allocate(feed.dtype, size * (count ?? 1));
    for (let i = 0; i < (count ?? 1); i++) {
      fill(feed, sources, first + i, data.subarray(i * size, (i + 1) * size) as Float32Array | Uint8Array);
      if (performance.now() < sliceEnd) continue;
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      sliceEnd = performance.now() + SLICE_MS;
    }
    tensors[feed.name] = {
      dtype: feed.dtype,
      shape: count === undefined ? feed.shape : [count, ...feed.shape],
      data,
    };
  }
  return tensors;
}

function fill(
  feed: Feed,
  { seed, minibatches }: FeedSources,
  step: number,
  out: Float32Array | Uint8Array,
): void {
  const { recipe } = feed;
  if (recipe.kind === 'minibatch') {
    minibatches.fill(step, recipe.index, out);
  } else if (recipe.kind === 'labels') {
    minibatches.fillLabels(step, recipe.index, out as Uint8Array);
  } else if (recipe.kind === 'scalar') {
    const { stepsPerEpoch } = minibatches;
    out[0] = recipe.at({ step, epoch: stepsPerEpoch ? Math.floor(step / stepsPerEpoch) : 0 });
  } else {
    drawFeed(feed, seed, step, out);
  }
}

/** Fills one iteration's share of a random feed: the stream is the feed's name, the counter the step. */
export function drawFeed(feed: Feed, seed: number, step: number, out: Float32Array | Uint8Array): void {
  const { name, recipe, shape } = feed;
  const key: Key = { seed, stream: streamOf(name) };
  switch (recipe.kind) {
    case 'uniform':
      fillUniform(key, step, requireFloats(name, out), recipe.low, recipe.high);
      break;
    case 'normal':
      fillNormal(key, step, requireFloats(name, out), recipe.standardDeviation);
      break;
    case 'spherical':
      fillSpherical(key, step, requireFloats(name, out), shape.at(-1)!);
      break;
    case 'classes':
      fillClasses(key, step, out as Uint8Array, recipe.classes);
      break;
    case 'bernoulli':
      fillBernoulli(key, step, out as Uint8Array, recipe.probability);
      break;
    default:
      throw new ConfigError(`feeds: ${name} must be random, got a ${recipe.kind}`);
  }
}

function requireFloats(name: string, out: Float32Array | Uint8Array): Float32Array {
  if (out instanceof Float32Array) return out;
  throw new ConfigError(`feeds: random numbers must be fed as float32, got uint8 for ${name}`);
}
