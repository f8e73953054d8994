import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Files that a process of their own has to run: they replace modules, or set what a process can set once. */
const alone = ['src/random/uniform.test.ts', 'src/runtime/**/*.test.ts'];

const config: ViteUserConfig = defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    // Worker threads cannot be nested with onnxruntime-node's native binding reliably: processes, not threads.
    pool: 'forks',
    // One more than the two cores of the smallest machine: many tests wait for a browser or a process of their own.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // What files import is loaded once a process, not once a file: half a minute of all.
        test: {
          name: 'shared',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});

export default config;
