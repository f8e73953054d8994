import papaparse from 'papaparse';
import { DataError } from '../errors.ts';

/** A file of comma-separated values as text. */
export interface Csv {
  /** Names of the columns: unique, without spaces around them. */
  readonly header: readonly string[];
  /** Cells row after row, as many as the header has, without spaces around them. */
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which each row begins, from 1. */
  readonly lines: readonly number[];
}

const separators = [',', ';', '\t'] as const;
const separatorNames: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text));

/**
 * Reads a CSV file (RFC 4180): UTF-8, with or without a byte order mark; columns parted by commas, semicolons or tabs,
 * whichever the first line has most of; cells in double quotes where they hold any of these; lines ended by LF, CR LF or CR.
 * The first line names the columns. Blank lines are passed over.
 *
 * @param source - what the file is called in errors
 * @throws DataError where the file is no such text, has no header, or a row has more or fewer cells than that; the message
 *   names the line
 */
export function decodeCsv(bytes: Uint8Array, source: string): Csv {
  const fail = (rest: string) => new DataError(`decodeCsv: ${source} ${rest}`);
  const text = decodeText(bytes, fail);
  const delimiter = separatorOf(text);
  const { data, errors } = papaparse.parse(text, { delimiter, newline: '\n', quoteChar: '"' });
  const malformed = errors.find(({ type }) => type === 'Quotes');
  if (malformed) {
    const line = 1 + newlines(text.slice(0, malformed.index ?? 0));
    throw fail(
      `must close every quoted cell before the next separator, got one on line ${line} that it does not (${malformed.message}). Write a quote inside a cell twice`,
    );
  }
  const rows: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const cells of data) {
    const next = line + 1 + cells.reduce((total, cell) => total + newlines(cell), 0);
    if (cells.length > 1 || cells[0]!.trim() !== '') {
      rows.push(cells.map((cell) => cell.trim()));
      lines.push(line);
    }
    line = next;
  }
  const [header, ...content] = rows;
  if (!header) throw fail('must hold a line that names the columns, and rows below it, got no text');
  const contentLines = lines.slice(1);
  requireHeader(header, lines[0]!, fail);
  for (const [i, cells] of content.entries())
    if (cells.length !== header.length)
      throw fail(
        `line ${contentLines[i]} must hold ${header.length} cells as the header does, got ${cells.length} (parted by ${separatorNames[delimiter]}). Put cells that hold the separator in double quotes`,
      );
  return { header, rows: content, lines: contentLines };
}

/** A CSV file with commas and LF, its first line the header; cells are quoted where they must be. Ends with a newline. */
export function encodeCsv(rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${papaparse.unparse(rows, { delimiter: ',', newline: '\n' })}\n`;
}

/** @throws DataError for anything but UTF-8 */
function decodeText(bytes: Uint8Array, fail: (rest: string) => DataError): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw fail('must be UTF-8 text, got UTF-16. Save it as CSV UTF-8');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const error = fail('must be UTF-8 text, got bytes that are not. Save it as CSV UTF-8');
    error.cause = cause;
    throw error;
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw fail(`must be text, got a byte 0 on line ${1 + newlines(text.slice(0, nul))}`);
  return text.replace(/\r\n?/g, '\n');
}

/** The separator that the first line has most of outside quotes; a comma where it has none. */
function separatorOf(text: string): string {
  const first = /^\s*(.*)/.exec(text)![1]!.replace(/"[^"]*"/g, '');
  const counted = separators.map((separator) => first.split(separator).length);
  return separators[counted.indexOf(Math.max(...counted))]!;
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function requireHeader(header: readonly string[], line: number, fail: (rest: string) => DataError): void {
  if (header.every(isNumber))
    throw fail(
      `line ${line} must name the columns, got numbers (${header.slice(0, 3).join(', ')}). Add a line of names above them`,
    );
  const nameless = header.indexOf('');
  if (nameless >= 0)
    throw fail(`line ${line} must name every column, got no name for column ${nameless + 1}`);
  const twice = header.findIndex((name, i) => header.indexOf(name) !== i);
  if (twice >= 0)
    throw fail(
      `line ${line} must name every column differently, got ${header[twice]} for columns ${header.indexOf(header[twice]!) + 1} and ${twice + 1}`,
    );
}
