import * as z from 'zod';
import type { TableReading } from '../data/table/infer-columns.ts';
import { closed } from './schema-terms.ts';

const names = z.array(z.string().min(1));

/** How the columns of a table are read. */
export const tableSchema: z.ZodType<TableReading> = closed({
  categorical: z.exactOptional(
    names.describe(
      'Names of the columns that hold categories, be they numbers. Default: those with texts, or with at most two different numbers.',
    ),
  ),
  omit: z.exactOptional(names.describe('Names of the columns to leave out. Default: none.')),
});
