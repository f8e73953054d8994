/**
 * zerosum for browsers: the same engine, training and exporting, executed by WebAssembly in a Worker of the page.
 *
 * @module zerosum/web
 */
export * from './core.ts';

// Sessions in a module Worker.
export { openWebSession } from './runtime/web-session.ts';
