import { fileURLToPath } from 'node:url';
import type { UserConfig } from 'vite';

/**
 * How Vite builds one of the pages: a static folder `dist/web/<page>` whose files refer to each other by relative URLs, so that
 * any web host serves it at any path.
 */
export function pageBuild(page: 'lab' | 'dashboard'): UserConfig {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  return {
    root: path(`./${page}`),
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: path(`../dist/web/${page}`),
      emptyOutDir: true,
      target: 'es2023',
      // The content security policy lets nothing run that does not come as a file of its own.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // ONNX Runtime's loader is one large file.
      chunkSizeWarningLimit: 1500,
    },
    worker: { format: 'es' },
  };
}
