import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

/**
 * Bundles a source file so that a plain `node` child can import it: such a child starts in a tenth of the time that one
 * with a TypeScript loader takes, and tests that kill processes need many.
 *
 * @returns the URL of the bundle
 */
export async function bundleForChild(source: string, folder: string): Promise<string> {
  const name = 'module.mjs';
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: source,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: name } },
    },
  });
  return pathToFileURL(join(folder, name)).href;
}

/** Starts a `node` process on a program given as text; its standard output is piped, its errors are shown. */
export function startChild(program: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** Waits until a child has ended; what it wrote to its standard output. */
export function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

/** Waits for the first output of a child. */
export function firstOutput(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`child ended with ${code} before it wrote anything`)));
  });
}
