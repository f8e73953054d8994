/** A cell's text, safe inside a table: a bar would end the cell, and a line break the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A Markdown table; the first row is the head. Columns are not padded, so that a changed cell is one changed line. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) => `| ${row.map(cell).join(' | ')} |`);
  const rule = `|${' --- |'.repeat(rows[0]!.length)}`;
  return [head, rule, ...body].join('\n');
}
