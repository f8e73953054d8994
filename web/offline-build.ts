import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Plugin, transformWithOxc } from 'vite';

/**
 * Adds a service worker to a page's build as `service-worker.js`, which is told every file of the build (`LAB_FILES`) and a
 * name that changes with them (`LAB_VERSION`).
 *
 * @param source - its TypeScript; it imports nothing
 */
export function offline(source: URL): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const names = Object.keys(bundle).sort();
      const files = ['./', ...names.filter((name) => name !== 'index.html').map((name) => `./${name}`)];
      const path = fileURLToPath(source);
      const { code } = await transformWithOxc(await readFile(path, 'utf8'), path);
      const version = createHash('sha256').update(names.join()).update(code).digest('hex').slice(0, 16);
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: code
          .replace(/\bLAB_FILES\b/g, JSON.stringify(files))
          .replace(/\bLAB_VERSION\b/g, JSON.stringify(version)),
      });
    },
  };
}
