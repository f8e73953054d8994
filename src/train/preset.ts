import type { Config } from './config.ts';

/** A config to start from, complete but for its own name. */
export interface Preset {
  /** One line for `train --help`. */
  readonly description: string;
  readonly config: Omit<Config, 'preset'>;
}
