import type { Config } from './config.ts';

/** A config to start from, complete but for its own name. */
export interface Preset {
  /** One line for `train --help`. */
  readonly description: string;
  /** Where its figures are from, and which are others here. Absent: they were found by trying. */
  readonly source?: string;
  readonly config: Omit<Config, 'preset'>;
}
