/**
 * A program that trains for one chunk and simply ends, leaving its session open. Prints what it got as JSON.
 * Its argument is the module to take `openSession` from.
 */
import { chunkFeeds, chunkProgram, initialState } from './descent.ts';

const { openSession } = (await import(
  process.argv[2]!
)) as typeof import('../../src/runtime/node-session.ts');
const session = await openSession();
await session.compile(chunkProgram());
await session.writeState(initialState());
const { losses } = await session.run('chunk', chunkFeeds());
console.log(
  JSON.stringify({ device: session.device, notice: session.notice, losses: [...losses!.data].map(Number) }),
);
