import { ConfigError } from '../../../errors.ts';

/** The classes of a folder's images. */
export interface FolderClasses {
  /** Names of the sub-folders directly below the folder, in code-point order. */
  readonly classes: readonly string[];
  /** Index into `classes` of an image, by its path. */
  labelOf(path: string): number;
}

/** Labels are bytes. */
const MOST_CLASSES = 256;

const classOf = (path: string) => path.slice(0, Math.max(0, path.indexOf('/')));

/**
 * The sub-folders that images lie in, as classes. Folders below those make no further classes.
 *
 * @param folder - what `paths` are below
 * @throws ConfigError where an image lies in no sub-folder, or there are less than 2 or more than 256 of them
 */
export function folderClasses(folder: string, paths: readonly string[]): FolderClasses {
  const outside = paths.filter((path) => !path.includes('/'));
  const classes = [...new Set(paths.map(classOf))].filter((name) => name !== '').sort();
  if (classes.length < 2)
    throw new ConfigError(
      `images.classes: ${folder} must have a sub-folder of images for each of 2 classes or more, got ${classes.length === 0 ? 'none' : `only ${classes[0]}`}. Leave out --classes folders to learn without classes`,
    );
  if (outside.length > 0)
    throw new ConfigError(
      `images.classes: every image of ${folder} must lie in the sub-folder of its class, got ${outside.length} outside (${outside[0]}). Move ${outside.length === 1 ? 'it' : 'them'} into one`,
    );
  if (classes.length > MOST_CLASSES)
    throw new ConfigError(
      `images.classes: ${folder} must have at most ${MOST_CLASSES} sub-folders of images, got ${classes.length}. Leave out --classes folders to learn without classes`,
    );
  const labels = new Map(classes.map((name, label) => [name, label]));
  return { classes, labelOf: (path) => labels.get(classOf(path))! };
}
