/** A column of numbers: one value of an example, `(number - mean) / deviation`. */
export interface NumericColumn {
  readonly kind: 'numeric';
  readonly name: string;
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Most digits after the point that a number of the file has; 0 for integers. */
  readonly decimals: number;
}

/** A column of texts: one value of an example for each, 1 where the row holds it and 0 elsewhere. */
export interface CategoricalColumn {
  readonly kind: 'categorical';
  readonly name: string;
  /** At least two, sorted; '' stands for cells that are empty. */
  readonly categories: readonly string[];
}

/** A column that holds the same text in every row: nothing to learn, no value of an example. */
export interface ConstantColumn {
  readonly kind: 'constant';
  readonly name: string;
  readonly value: string;
}

/** One column of a table. */
export type Column = NumericColumn | CategoricalColumn | ConstantColumn;

/** How the rows of a table become numbers, and numbers rows again. It is plain JSON: a run keeps it. */
export interface Table {
  /** In the order of the file. */
  readonly columns: readonly Column[];
}

/** A column beside the values of an example that stand for it: `size` of them from `first`. */
export type PlacedColumn = Column & { readonly first: number; readonly size: number };

/** The columns with their places in an example, one after the other. */
export function placedColumns({ columns }: Table): readonly PlacedColumn[] {
  let first = 0;
  return columns.map((column) => {
    const size = widthOf(column);
    const placed = { ...column, first, size };
    first += size;
    return placed;
  });
}

/** How many values an example of the table has. */
export function tableWidth({ columns }: Table): number {
  return columns.reduce((width, column) => width + widthOf(column), 0);
}

function widthOf(column: Column): number {
  switch (column.kind) {
    case 'numeric':
      return 1;
    case 'categorical':
      return column.categories.length;
    case 'constant':
      return 0;
  }
}

/** Consecutive values of an example of which exactly one is 1, the others 0. */
export interface OneHotBlock {
  readonly first: number;
  readonly size: number;
}

/** Where the categories of a table stand in an example. */
export function categoryBlocks(table: Table): readonly OneHotBlock[] {
  return placedColumns(table)
    .filter(({ kind }) => kind === 'categorical')
    .map(({ first, size }) => ({ first, size }));
}
