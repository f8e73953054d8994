/** A cell's text, safe inside a table: a bar would end the cell, and a line break the row. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/**
 * A Markdown table; the first row is the head. Columns are padded so that the source reads as a table too, but for the
 * last, whose texts may be long.
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(cell));
  const last = cells[0]!.length - 1;
  const widths = cells[0]!.map((_, column) =>
    column === last ? 3 : Math.max(3, ...cells.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head, ...body] = cells;
  return [line(head!), rule, ...body.map(line)].join('\n');
}
