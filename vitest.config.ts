import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Worker threads cannot be nested with onnxruntime-node's native binding reliably: one process per file.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});

export default config;
