import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const compiled = new URL('dist/cli/main.js', root);

/** When the newest of the sources was written that the build compiles. */
function newestSource(): number {
  const entries = readdirSync(new URL('src/', root), { recursive: true }) as string[];
  const compiledToo = entries.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  return Math.max(...compiledToo.map((path) => statSync(new URL(`src/${path}`, root)).mtimeMs));
}

/**
 * The program and arguments that stand for `zerosum`: the compiled command line, as `npm test` builds it; the source, which
 * takes a second longer to start, where the sources are newer than that.
 */
export function commandLine(): readonly [program: string, ...arguments: string[]] {
  const built = statSync(compiled, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newestSource()) return [process.execPath, fileURLToPath(compiled)];
  const loader = import.meta.resolve('tsx');
  return [process.execPath, '--import', loader, fileURLToPath(new URL('src/cli/main.ts', root))];
}
