// What is used of papaparse 5.7.1; its published types ask for Node's, which the core does not have.
declare module 'papaparse' {
  export interface ParseError {
    readonly type: 'Quotes' | 'Delimiter' | 'FieldMismatch';
    readonly message: string;
    /** Of the character, where it is known. */
    readonly index?: number;
  }

  export interface Papaparse {
    parse(
      text: string,
      settings: { delimiter: string; newline: '\n'; quoteChar: '"' },
    ): { readonly data: string[][]; readonly errors: readonly ParseError[] };
    unparse(rows: readonly (readonly string[])[], settings: { delimiter: string; newline: '\n' }): string;
  }

  const papaparse: Papaparse;
  // biome-ignore lint/style/noDefaultExport: the package has one
  export default papaparse;
}
