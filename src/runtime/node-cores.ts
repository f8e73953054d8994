import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const CPUS = '/sys/devices/system/cpu';

/**
 * The cores that this process may use: two hardware threads of one core count once, because matrix products gain nothing
 * from the second. Where the system does not say which threads share a core (all but Linux), every hardware thread counts.
 */
export function coreCount(): number {
  return Math.min(availableParallelism(), physicalCores() ?? Number.POSITIVE_INFINITY);
}

function physicalCores(): number | undefined {
  try {
    const siblings = readdirSync(CPUS)
      .filter((entry) => /^cpu\d+$/.test(entry))
      .map((cpu) => readFileSync(`${CPUS}/${cpu}/topology/thread_siblings_list`, 'utf8'));
    return siblings.length > 0 ? new Set(siblings).size : undefined;
  } catch {
    return undefined;
  }
}
