import { count } from './number-arguments.ts';

// Flags as the arguments of commander's option(): it reads from their text which options an action gets.

/** How many threads a command works with. */
export const threadsFlag: readonly ['--threads <n>', string, (text: string) => number] = [
  '--threads <n>',
  'threads inside one operator (default: the number of cores)',
  count,
];

/** Where a command finds data sets. */
export const dataDirFlag: readonly ['--data-dir <dir>', string] = [
  '--data-dir <dir>',
  'folder that holds the data sets (default: $ZEROSUM_DATA, then the cache)',
];
