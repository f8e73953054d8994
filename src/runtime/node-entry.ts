import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** Whether this is the TypeScript source, run by tsx or vitest, and not the compiled package. */
const fromSource = import.meta.url.endsWith('.ts');

/** A file beside this one that a thread or process of its own starts with: compiled, or source where this is source. */
const entryUrl = (name: string): URL => new URL(`./${name}.${fromSource ? 'ts' : 'js'}`, import.meta.url);

/** Starts a worker thread with the entry file of the given name. */
export function startWorker(name: string): Worker {
  if (!fromSource) return new Worker(entryUrl(name));
  // A loader that was given to the process does not reach its threads: tsx is registered in the thread itself.
  const tsx = import.meta.resolve('tsx/esm/api');
  const bootstrap = `import { register } from '${tsx}'; register(); await import('${entryUrl(name)}');`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(bootstrap)}`));
}

/** The arguments with which `process.execPath` runs the entry file of the given name. */
export function processArguments(name: string): readonly string[] {
  const loader = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
  return [...loader, fileURLToPath(entryUrl(name))];
}
