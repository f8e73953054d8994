import { mkdirSync, writeFileSync } from 'node:fs';
import { checkTheory } from '../src/reproduce/theory/reproduce-theory.ts';
import { openSession } from '../src/runtime/node-session.ts';
import { theoryPage } from './theory-page.ts';

// Writes docs/theory.md and its figures from the theory computed anew: `npx tsx scripts/write-theory.ts`, about a minute.
const session = await openSession({ threads: 1 });
const report = await checkTheory({
  session,
  log: ({ id, passed, seconds }) =>
    console.log(`${passed ? 'holds' : 'FAILS'} ${id} (${seconds.toFixed(0)} s)`),
});
await session.release();

const docs = new URL('../docs/', import.meta.url);
mkdirSync(new URL('images/', docs), { recursive: true });
for (const { name, svg } of report.statements.flatMap(({ figures }) => figures))
  writeFileSync(new URL(`images/${name}.svg`, docs), svg);
writeFileSync(new URL('theory.md', docs), theoryPage(report));
if (!report.passed) process.exitCode = 1;
