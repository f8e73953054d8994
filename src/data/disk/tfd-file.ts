import { decodeTfd, tfdClasses, tfdFolds } from '../tfd.ts';
import type { LocalSet } from './local-set.ts';

const name = 'TFD_48x48.mat';

/** The Toronto Face Database, which its authors hand out on request. */
export const tfd: LocalSet = {
  source: 'local',
  name: 'tfd',
  what: 'Toronto Face Database (Susskind et al. 2010)',
  exampleShape: [1, 48, 48],
  classes: tfdClasses,
  folders: ['tfd', 'faces/TFD'],
  files: [{ name }],
  folds: tfdFolds,
  advice: `Ask its authors for ${name} and put it into a folder tfd (faces is a stand-in that is not comparable)`,
  check: ({ bytes, source }) => {
    decodeTfd(bytes, 0, source);
    return undefined;
  },
  decode: (files, fold) => {
    const { bytes, source } = files.get(name)!;
    return decodeTfd(bytes, fold, source);
  },
};
