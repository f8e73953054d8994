import { loop } from '../src/graph/functions/loop.ts';
import { gather } from '../src/graph/functions/shaping.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { input, scalar, type Value, type Values } from '../src/graph/value.ts';
import type { Clock, UpdateTime } from '../src/optim/optimiser.ts';
import { runGraph } from './run-graph.ts';
import { float32 } from './tensors.ts';

/** What a sequence of updates is made of. */
export interface Updates {
  readonly count: number;
  /** What is carried from one update to the next. */
  readonly initial: Tensors;
  /** [count, ...] each: one row an update. */
  readonly feeds?: Tensors;
  /** Builds one update: the next carried values, of those before and of this update's rows. */
  readonly body: (carried: Values, rows: Values, clock: Clock) => Values;
  /** Updates in an epoch. Default: all of them. */
  readonly epochLength?: number;
}

/** What the updates left: the carried values after the last one, and after each, [count, ...]. */
export interface UpdatesResult {
  readonly last: Tensors;
  readonly path: Tensors;
}

/** Runs updates inside one Loop, with the clock's numbers computed here in float64 and fed as float32. */
export async function runUpdates({
  count,
  initial,
  feeds = {},
  body,
  epochLength = count,
}: Updates): Promise<UpdatesResult> {
  const fed: Record<string, Value> = {};
  const tensors: Record<string, Tensors[string]> = { ...initial, ...feeds };
  const times = Array.from(
    { length: count },
    (_, update): UpdateTime => ({ update, epoch: Math.floor(update / epochLength) }),
  );
  const state = Object.fromEntries(
    Object.entries(initial).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const rows = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const result = loop(scalar(count, 'int64'), state, (iteration, carried) => {
    const clock: Clock = {
      scalar: (name, at) => {
        tensors[`clock/${name}`] = float32([count], times.map(at));
        fed[name] ??= input(`clock/${name}`, 'float32', [count]);
        return gather(fed[name], iteration);
      },
    };
    const now = Object.fromEntries(
      Object.entries(rows).map(([name, value]) => [name, gather(value, iteration)]),
    );
    const next = body(carried, now, clock);
    return { state: next, scans: next };
  });
  const results = await runGraph({ ...named('last', result.state), ...named('path', result.scans) }, tensors);
  return { last: unnamed('last', results), path: unnamed('path', results) };
}

function named(kind: string, values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind} ${name}`, value]));
}

function unnamed(kind: string, tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${kind} `) ? [[name.slice(kind.length + 1), tensor]] : [],
    ),
  );
}
