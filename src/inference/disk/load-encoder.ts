import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { encodeSafetensors } from '../../io/safetensors.ts';
import { loadNetwork } from '../../learned/disk/load-network.ts';
import {
  ENCODER_DEFAULTS,
  ENCODER_RECIPE,
  type Encoder,
  type EncoderOptions,
  trainEncoder,
} from '../encoder.ts';
import type { FixedGenerator } from '../fixed-generator.ts';

/** What `loadEncoder` needs besides the generator. */
export interface LoadEncoderOptions extends Omit<EncoderOptions, 'width'> {
  /** The run's folder. */
  readonly folder: string;
  /** Of the checkpoint that the generator is from. */
  readonly step: number;
  readonly averaged: boolean;
  /** One line for people: that an encoder is trained, that a file was damaged, that it cannot be written. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** An encoder, and the generator that it inverts. */
interface StoredEncoder extends Encoder {
  /** SHA-256 of the generator's weights. */
  readonly generator: string;
}

/** The file of a checkpoint's encoder in the folder of its run: its name says all that decides its content. */
function encoderPath({
  folder,
  step,
  averaged,
  seed = ENCODER_DEFAULTS.seed,
  steps = ENCODER_DEFAULTS.steps,
}: Pick<LoadEncoderOptions, 'folder' | 'step' | 'averaged' | 'seed' | 'steps'>): string {
  const weights = averaged ? '' : '-raw';
  const name = `encoder-of-step-${step}${weights}-recipe${ENCODER_RECIPE}-seed${seed}-steps${steps}.safetensors`;
  return join(folder, name);
}

/**
 * The encoder of a checkpoint: from the folder of its run, else trained (`trainEncoder`) and put there, as `loadNetwork`
 * says. A file counts only for the weights of the generator that it was trained on.
 *
 * @throws as `trainEncoder`
 */
export function loadEncoder(
  generator: FixedGenerator,
  { folder, step, averaged, onNotice, ...options }: LoadEncoderOptions,
): Promise<Encoder> {
  const weights = createHash('sha256').update(encodeSafetensors(generator.variables)).digest('hex');
  return loadNetwork<StoredEncoder>({
    path: encoderPath({ ...options, folder, step, averaged }),
    content: 'encoder',
    of: `step ${step}`,
    isFor: (stored) => stored.generator === weights,
    train: async () => ({ ...(await trainEncoder(generator, options)), generator: weights }),
    onNotice,
  });
}
