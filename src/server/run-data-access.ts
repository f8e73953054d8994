import { existsSync } from 'node:fs';
import { basename, isAbsolute, relative, resolve } from 'node:path';
import { isSetName } from '../data/disk/load-dataset.ts';
import { namedSets } from '../data/disk/registry.ts';
import { ConfigError } from '../errors.ts';
import { oneOf } from '../nearest-name.ts';
import { presetFor } from '../train/presets.ts';
import type { FormData } from './api.ts';
import { Refusal } from './refusal.ts';

/** Which data this server opens: sets with a name, and what it was started with. A request never says a path. */
export class DataAccess {
  /** Absolute paths by the id that requests use. */
  readonly #given: ReadonlyMap<string, string>;

  /**
   * @param paths - folders and files of the user's own
   * @throws ConfigError where one is not there
   */
  constructor(paths: readonly string[] = []) {
    const given = new Map<string, string>();
    for (const path of paths) {
      const whole = resolve(path);
      if (!existsSync(whole))
        throw new ConfigError(`--data: ${path} must be a folder of images or a file, got nothing there`);
      let id = basename(whole);
      for (let n = 2; isSetName(id) || (given.has(id) && given.get(id) !== whole); n++)
        id = `${basename(whole)}-${n}`;
      given.set(id, whole);
    }
    this.#given = given;
  }

  /** What a form offers. */
  get choices(): readonly FormData[] {
    const named = namedSets.map(({ name, what }) => ({
      id: name,
      name,
      what,
      kind: 'named' as const,
      argument: name,
      preset: presetFor(name),
    }));
    const given = [...this.#given].map(([id, path]) => ({
      id,
      name: id,
      what: path,
      kind: 'given' as const,
      argument: asTyped(path),
    }));
    return [...named, ...given];
  }

  /** What the command line is given for an id of the form. @throws Refusal where there is no such id */
  nameOrPath(id: string): { readonly data: string; readonly kind: FormData['kind'] } {
    const path = this.#given.get(id);
    if (path !== undefined) return { data: path, kind: 'given' };
    // A fold of a set, `faces:3`, is a name as well.
    if (isSetName(id)) return { data: id, kind: 'named' };
    throw new Refusal(
      400,
      `data: unknown data: ${id}. ${oneOf(
        id,
        this.choices.map((choice) => choice.id),
      )} Folders and files are named when the server is started: zerosum watch --data DIR`,
    );
  }

  /** Why the data of a run may not be opened; undefined where it may. @param data - as the run's config has it */
  refusal(data: string): string | undefined {
    if (isSetName(data) || [...this.#given.values()].includes(resolve(data))) return undefined;
    return `data: ${data} must be among what this server may open. Start it with --data ${data}`;
  }
}

/** A path as one would write it in the working folder; with `./` before it, which no name of a set has. */
export function asTyped(path: string): string {
  const short = relative(process.cwd(), path);
  if (short === '') return '.';
  return short.startsWith('..') || isAbsolute(short) ? path : `./${short}`;
}
