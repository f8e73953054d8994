import { ConfigError } from '../../errors.ts';
import { oneOf } from '../../nearest-name.ts';
import type { TrainedGenerator } from './trained-generator.ts';

/** The classes of a run: their names, or their numbers where an older version kept no names. */
export function classNamesOf({ record: { dataset } }: Pick<TrainedGenerator, 'record'>): readonly string[] {
  return dataset.classNames ?? Array.from({ length: dataset.classes ?? 0 }, (_, label) => String(label));
}

/**
 * The classes that `--label` asks for, by name or by number from 0. A name is looked for first: a folder may be called 3 and
 * not be the fourth.
 *
 * @returns their labels in the order in which they are asked for; undefined where none are
 * @throws ConfigError where the run has no labels, for an unknown class, and for an empty list
 */
export function askedClasses(
  generator: Pick<TrainedGenerator, 'record' | 'game' | 'paths'>,
  asked: readonly string[] | undefined,
): readonly number[] | undefined {
  if (asked === undefined) return undefined;
  const { record, game, paths } = generator;
  if (!game.labels)
    throw new ConfigError(
      `--label: ${paths.folder} must be a run that learned classes, got preset ${record.config.preset} without labels. Leave --label out, or train with classes: zerosum train --preset cgan`,
    );
  const names = classNamesOf(generator);
  if (asked.length === 0)
    throw new ConfigError(`--label: must name at least one class of ${names.join(', ')}, got none`);
  return asked.map((text) => {
    const byName = names.indexOf(text);
    if (byName >= 0) return byName;
    if (/^\d+$/.test(text) && Number(text) < names.length) return Number(text);
    throw new ConfigError(
      `--label: unknown class ${text} of ${record.dataset.name}, by name or by number from 0 to ${names.length - 1}. ${oneOf(text, names)}`,
    );
  });
}
