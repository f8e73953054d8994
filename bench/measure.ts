import { type Command, EngineChild } from './engine-child.ts';
import type { Ready, Reply, StepOptions } from './protocol.ts';
import type { Contestant, EngineName, Scenario } from './scenarios.ts';

/** What was measured of one contestant. */
export interface Row extends Contestant {
  readonly ready: Ready['ready'];
  /** Seconds of one iteration, one number a round. */
  readonly seconds: readonly number[];
  readonly losses: Losses;
}

type Losses = Pick<Reply, 'lossD' | 'lossG'>;

/** A contestant that could not start, or ended before the last round. */
export interface Absence extends Contestant {
  readonly reason: string;
}

export interface Measurement {
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
  readonly absences: readonly Absence[];
}

export interface MeasureOptions {
  /** The program that runs an engine. @throws Error saying why there is none */
  readonly command: (engine: EngineName, options: StepOptions) => Command;
  readonly rounds: number;
  /** How long one contestant's turn within a round should last. */
  readonly turnSeconds: number;
  /** `performance.now()` after which no further round starts. */
  readonly deadlineMs: number;
  readonly log: (line: string) => void;
}

interface Running extends Row {
  readonly child: EngineChild;
  readonly seconds: number[];
  losses: Losses;
  iterations: number;
}

const START_TIMEOUT_MS = 45_000;
const TURN_TIMEOUT_MS = 30_000;

/**
 * Measures every contestant of a scenario in turns, A B C A B C, all processes alive throughout: what slows the
 * machine for a while slows everybody. At least one round is run, whatever the deadline.
 *
 * @throws Error if two engines count the networks' parameters differently, since then they do different work
 */
export async function measure(scenario: Scenario, options: MeasureOptions): Promise<Measurement> {
  const absences: Absence[] = [];
  let running: Running[] = [];
  try {
    for (const contestant of scenario.contestants) {
      await attempt(contestant, async () => {
        running.push(await start(contestant, scenario, options));
      });
    }
    checkParameters(running);
    for (let round = 0; round < options.rounds; round++) {
      if (round > 0 && performance.now() > options.deadlineMs) {
        options.log(`  time is up after ${round} of ${options.rounds} rounds`);
        break;
      }
      for (const row of [...running]) {
        const alive = await attempt(row, async () => {
          const {
            seconds,
            iterations = row.iterations,
            ...losses
          } = await row.child.run(row.iterations, TURN_TIMEOUT_MS);
          row.seconds.push(seconds / iterations);
          row.losses = losses;
        });
        if (alive) continue;
        await row.child.close();
        running = running.filter((other) => other !== row);
      }
    }
    return { scenario, rows: running, absences };
  } finally {
    for (const row of running) await row.child.close();
  }

  async function attempt(contestant: Contestant, action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      const { engine, threads } = contestant;
      const reason = error instanceof Error ? error.message : String(error);
      options.log(`  ${engine} (${threads} threads) takes no part: ${reason}`);
      absences.push({ engine, threads, reason });
      return false;
    }
  }
}

async function start(
  contestant: Contestant,
  { options }: Scenario,
  measure: MeasureOptions,
): Promise<Running> {
  const { engine, threads } = contestant;
  const child = new EngineChild(measure.command(engine, { ...options, threads }));
  try {
    const ready = await child.ready(START_TIMEOUT_MS);
    // The first answer may hold compilation; the second sizes the turns; neither is counted.
    await child.run(1, TURN_TIMEOUT_MS);
    const trial = await child.run(2, TURN_TIMEOUT_MS);
    const secondsEach = trial.seconds / (trial.iterations ?? 2);
    const iterations = Math.max(1, Math.round(measure.turnSeconds / secondsEach));
    measure.log(`  ${ready.engine}, ${ready.threads} threads: ${iterations} iterations a turn`);
    return { ...contestant, threads: ready.threads, ready, child, iterations, seconds: [], losses: {} };
  } catch (error) {
    await child.close();
    throw error;
  }
}

function checkParameters(rows: readonly Row[]): void {
  const [first, ...others] = rows;
  const odd = others.find(({ ready }) => ready.parameters !== first?.ready.parameters);
  if (first === undefined || odd === undefined) return;
  throw new Error(
    `measure: engines must train the same networks, got ${first.ready.parameters} parameters in ${first.ready.engine} and ${odd.ready.parameters} in ${odd.ready.engine}`,
  );
}
