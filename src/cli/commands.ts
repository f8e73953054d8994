import type { Command } from '@commander-js/extra-typings';

/** Every command by name, in the order of the help, and what loads it. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import('./train-command.ts')).trainCommand(),
  watch: async () => (await import('./watch-command.ts')).watchCommand(),
  lab: async () => (await import('./lab-command.ts')).labCommand(),
  sample: async () => (await import('./sample-command.ts')).sampleCommand(),
  interpolate: async () => (await import('./interpolate-command.ts')).interpolateCommand(),
  invert: async () => (await import('./invert-command.ts')).invertCommand(),
  inpaint: async () => (await import('./inpaint-command.ts')).inpaintCommand(),
  features: async () => (await import('./features-command.ts')).featuresCommand(),
  evaluate: async () => (await import('./evaluate-command.ts')).evaluateCommand(),
  reproduce: async () => (await import('./reproduce-command.ts')).reproduceCommand(),
  export: async () => (await import('./export-command.ts')).exportCommand(),
  data: async () => (await import('./data-command.ts')).dataCommand(),
  doctor: async () => (await import('./doctor-command.ts')).doctorCommand(),
  bench: async () => (await import('./bench-command.ts')).benchCommand(),
};

/**
 * The command that `words` name, by itself: loading what all of them need takes longer than many of them run. Every one, in
 * the order of the help, where the words name none; none for the version.
 *
 * @param words - of the command line, without node and script. Default none
 */
export async function commands(words: readonly string[] = []): Promise<readonly Command[]> {
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) return [];
  const name = words.find((word) => !word.startsWith('-'));
  const named = name !== undefined && Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (named) return [await named()];
  return Promise.all(Object.values(loaders).map((load) => load()));
}
