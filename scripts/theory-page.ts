import { type ResultTable, type Statement, shown } from '../src/reproduce/statement.ts';
import type { TheoryReport } from '../src/reproduce/theory/reproduce-theory.ts';
import { markdownTable } from './markdown-table.ts';

const value = (of: number | string): string => (typeof of === 'number' ? shown(of, 5) : of);

const tableOf = ({ columns, rows }: ResultTable): string =>
  markdownTable([columns, ...rows.map((row) => row.map(String))]);

/** A star would begin emphasis. */
const escaped = (text: string): string => text.replaceAll('*', '\\*');

function section({ title, source, formula, text, tables = [], figures, checks }: Statement): string {
  const rows = checks.map((check) => [
    check.what,
    value(check.value),
    check.wanted,
    check.passed ? 'yes' : '**no**',
  ]);
  return [
    `## ${title}`,
    `From: ${source}.`,
    `\`\`\`math\n${formula}\n\`\`\``,
    ...text,
    ...tables.map(tableOf),
    ...figures.flatMap(({ name, caption }) => [
      `![${escaped(caption)}](images/${name}.svg)`,
      `_${escaped(caption)}_`,
    ]),
    `Checked by \`zerosum reproduce theory\`: ${checks.filter(({ passed }) => passed).length} of ${checks.length} hold.`,
    `<details>\n<summary>The checks</summary>\n\n${markdownTable([['what', 'computed', 'must be', 'holds'], ...rows])}\n\n</details>`,
  ].join('\n\n');
}

/** docs/theory.md from a report: every number on the page is the report's. */
export function theoryPage({ statements }: TheoryReport): string {
  const anchor = (title: string): string =>
    title
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} -]/gu, '')
      .replaceAll(' ', '-');
  return [
    '# The theory, checked by computation',
    'Written by `npx tsx scripts/write-theory.ts`: every number here was computed, none was typed.',
    'What _Generative Adversarial Nets_ (Goodfellow et al. 2014) proves, what it says in passing, and what was found out later about the same game: each statement with its formula, the numbers that check it, and a figure. One command checks them all in about a minute, writes the figures, and fails where one of them does not hold:',
    '```sh\nzerosum reproduce theory\n```',
    'Some words. $p_{\\mathrm{data}}$ is the density of the data, $p_g$ that of the samples of the generator $G$. The discriminator $D$ gives each point a probability of being data; its logit is $\\log D - \\log(1 - D)$. $V(D, G) = E_{p_{\\mathrm{data}}} \\log D + E_{p_g} \\log(1 - D)$ is what $D$ makes large and $G$ makes small. All logarithms are natural, so values are in nats. JSD is the Jensen-Shannon divergence, KL that of Kullback and Leibler.',
    'Densities, divergences and descents are computed in float64 by `src/theory/`, with quadrature whose error is estimated; whatever has to be trained is trained by the library itself, in float32, with fixed seeds.',
    statements.map(({ title }) => `- [${title}](#${anchor(title)})`).join('\n'),
    ...statements.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}
