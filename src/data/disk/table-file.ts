import { basename } from 'node:path';
import { DataError } from '../../errors.ts';
import { datasetFromCsv, type TableDataset } from '../table/table-dataset.ts';
import type { LoadOptions } from './load-options.ts';
import { readFileIfAny } from './read-file.ts';
import { unpack } from './unpack.ts';

const extension = /\.(csv|tsv)(\.gz)?$/i;

/** Whether a path names a table, by its extension: .csv or .tsv, gzip too. */
export function isTableFile(path: string): boolean {
  return extension.test(path);
}

/**
 * The data set in a CSV file, plain or gzip; see `datasetFromCsv`. Rows that are left out are told as notices.
 *
 * @throws DataError if the file is missing or a folder; as `datasetFromCsv`
 */
export async function loadTableFile(
  path: string,
  { table = {}, onProgress }: LoadOptions = {},
): Promise<TableDataset['dataset']> {
  const stored = await readFileIfAny(path);
  if (!stored) throw new DataError(`loadDataset: ${path} must exist, got no file there`);
  const bytes = await unpack(stored, path);
  const { dataset, notices } = await datasetFromCsv(bytes, {
    ...table,
    name: basename(path).replace(extension, ''),
    source: path,
  });
  for (const message of notices) onProgress?.({ kind: 'notice', message });
  return dataset;
}
