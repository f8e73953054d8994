import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DataError } from '../../errors.ts';
import { encodeSafetensors } from '../../io/safetensors.ts';
import { readNetworkFile, writeNetworkFile } from '../../learned/disk/network-file.ts';
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

const content = 'encoder';

/** The file of a checkpoint's encoder in the folder of its run: its name says all that decides its content. */
export function encoderPath({
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
 * The encoder of a checkpoint: from the folder of its run, else trained (`trainEncoder`) and put there. A file counts only
 * for the weights that it was trained on, whatever its name says. A damaged one is replaced; where the folder cannot be
 * written, a notice says so and the encoder is trained each time.
 *
 * @throws as `trainEncoder`
 */
export async function loadEncoder(
  generator: FixedGenerator,
  { folder, step, averaged, onNotice, ...options }: LoadEncoderOptions,
): Promise<Encoder> {
  const path = encoderPath({ ...options, folder, step, averaged });
  const weights = createHash('sha256').update(encodeSafetensors(generator.variables)).digest('hex');
  try {
    const caller = 'loadEncoder';
    const stored = await readNetworkFile<StoredEncoder>(path, { caller, content });
    if (stored?.generator === weights) return stored;
    if (stored) onNotice?.(`${path} is of other weights of the generator and is trained again`);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${path} is damaged and its encoder is trained again: ${error.message}`);
  }
  onNotice?.(`training an encoder of step ${step} once, to be kept in ${path}`);
  const encoder: StoredEncoder = { ...(await trainEncoder(generator, options)), generator: weights };
  try {
    await writeNetworkFile(path, encoder, { caller: 'loadEncoder', content });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNotice?.(`${error.message}: the encoder will be trained again next time`);
  }
  return encoder;
}
