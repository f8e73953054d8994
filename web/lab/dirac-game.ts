import { type Signal, signal } from '@preact/signals';
import {
  classify,
  type Dynamics,
  diracMethods,
  diracTrajectory,
  type Method,
  type State,
  type Verdict,
} from '../../src/theory/dirac-gan.ts';

/** At so many steps it is decided how a training ends: at 50 a slow spiral looks like a circle. */
export const DIRAC_STEPS = 5000;

/** Between two looks at the screen the paths grow for so long at most. */
const BUDGET_MS = 6;

/** The training of one method, as far as it has been computed. */
export interface DiracPath {
  readonly method: Method;
  readonly states: readonly State[];
}

/** All methods from one start. */
export interface DiracGame {
  readonly dynamics: Signal<Dynamics>;
  readonly start: Signal<State>;
  /** Learning rate h. */
  readonly rate: Signal<number>;
  /** How far the paths are shown. */
  readonly steps: Signal<number>;
  readonly playing: Signal<boolean>;
  /** What the reader expects to reach the centre, by name. */
  readonly guesses: Signal<ReadonlySet<string>>;
  readonly paths: Signal<readonly DiracPath[]>;
  /** How each ends, once 5,000 steps of it are known. */
  readonly verdicts: Signal<ReadonlyMap<string, Verdict>>;
  /** Starts all paths anew: what they depend on has changed. */
  restart(): void;
  /** Computes towards `steps` for a few milliseconds; false when all is there. */
  grow(): boolean;
}

/** The paper's game: start (1, 1), h = 0.1, simultaneous steps. */
export function diracGame(): DiracGame {
  const methods = diracMethods();
  const dynamics = signal<Dynamics>('simultaneous');
  const start = signal<State>([1, 1]);
  const rate = signal(0.1);
  const steps = signal(0);
  const fresh = (): DiracPath[] => methods.map((method) => ({ method, states: [start.peek()] }));
  const paths = signal<readonly DiracPath[]>(fresh());
  const verdicts = signal<ReadonlyMap<string, Verdict>>(new Map());

  function extended({ method, states }: DiracPath, count: number): DiracPath {
    const more = diracTrajectory(method, {
      dynamics: dynamics.peek(),
      start: states.at(-1)!,
      step: rate.peek(),
      steps: count,
    });
    return { method, states: [...states, ...more.slice(1)] };
  }

  return {
    dynamics,
    start,
    rate,
    steps,
    playing: signal(false),
    guesses: signal<ReadonlySet<string>>(new Set()),
    paths,
    verdicts,
    restart() {
      paths.value = fresh();
      verdicts.value = new Map();
    },
    grow() {
      const until = performance.now() + BUDGET_MS;
      const wanted = steps.peek() + 1;
      const grown = [...paths.peek()];
      let changed = false;
      while (performance.now() < until) {
        // The shortest first: they grow side by side.
        let shortest = 0;
        for (const [i, { states }] of grown.entries())
          if (states.length < grown[shortest]!.states.length) shortest = i;
        const missing = wanted - grown[shortest]!.states.length;
        if (missing <= 0) break;
        grown[shortest] = extended(grown[shortest]!, Math.min(missing, 50));
        changed = true;
      }
      if (changed) paths.value = grown;
      const complete = grown.filter(({ states }) => states.length > DIRAC_STEPS);
      if (complete.length > verdicts.peek().size)
        verdicts.value = new Map(complete.map(({ method, states }) => [method.name, classify(states)]));
      return grown.some(({ states }) => states.length < wanted);
    },
  };
}
