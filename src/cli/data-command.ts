import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { findFiles } from '../data/disk/find-files.ts';
import { generatedSetPath, readGeneratedSet } from '../data/disk/generated-set.ts';
import { type FolderReport, folderAdvice, loadImageFolder } from '../data/disk/images/image-folder.ts';
import { isImageFolder, loadDataset, namedSet } from '../data/disk/load-dataset.ts';
import type { LoadOptions } from '../data/disk/load-options.ts';
import { inspectLocalSet } from '../data/disk/local-set.ts';
import { type NamedSet, namedSets } from '../data/disk/registry.ts';
import type { Column } from '../data/table/table.ts';
import { DataError } from '../errors.ts';
import { encodePng } from '../io/png.ts';
import { type DataSummary, preview, summarise } from './data-preview.ts';
import { addImageFlags, imagesOf } from './image-flags.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { addTableFlags, tableOf } from './table-flags.ts';

/** One stored file of a data set, or the set itself where it has none. */
interface FileReport {
  readonly set: string;
  readonly file: string;
  /** `cut`: it loads, but holds less than was published. */
  readonly state: 'intact' | 'cut' | 'damaged' | 'missing' | 'drawn';
  /** Where it is; absent where it is missing. */
  readonly path?: string;
  /** What is wrong with a damaged or cut file. */
  readonly fault?: string;
}

/** Looks at every stored file of a set, and reads it whole. */
async function inspect(set: NamedSet, options: LoadOptions): Promise<readonly FileReport[]> {
  switch (set.source) {
    case 'density':
      return [{ set: set.name, file: set.name, state: 'drawn' }];
    case 'code': {
      const report = { set: set.name, file: set.name, path: generatedSetPath(set, options.cacheDir) };
      try {
        const cached = await readGeneratedSet(set, options.cacheDir);
        return [cached ? { ...report, state: 'intact' } : { set: set.name, file: set.name, state: 'drawn' }];
      } catch (error) {
        if (error instanceof DataError) return [{ ...report, state: 'damaged', fault: error.message }];
        throw error;
      }
    }
    case 'local': {
      const states = await inspectLocalSet(set, options);
      return states.map(({ file, ...state }) => ({ set: set.name, file: file.name, ...state }));
    }
    case 'files': {
      const states = Object.values(await findFiles(set, options));
      return states.map(({ file, found }) => {
        const report = { set: set.name, file: file.name };
        if (!found) return { ...report, state: 'missing' };
        const { path } = found;
        return 'fault' in found
          ? { ...report, path, state: 'damaged', fault: found.fault.message }
          : { ...report, path, state: 'intact' };
      });
    }
  }
}

const shapeOf = (set: NamedSet) =>
  set.source === 'density' ? set.distribution.exampleShape : set.exampleShape;

/** Where a set is, in a few words. */
function whereabouts(set: NamedSet, reports: readonly FileReport[]): string {
  const damaged = reports.find(({ state }) => state === 'damaged');
  if (damaged) return `damaged: ${damaged.path}`;
  const missing = reports.filter(({ state }) => state === 'missing');
  if (missing.length === reports.length) return set.source === 'local' ? 'not here' : 'not downloaded';
  const { path } = reports.find((report) => report.path !== undefined) ?? {};
  if (path === undefined) return 'drawn when needed';
  // A local set loads with what is there; of a published one every file is needed.
  const isPart =
    set.source === 'local' && (missing.length > 0 || reports.some(({ state }) => state === 'cut'));
  if (isPart) return `${dirname(path)}, in part`;
  return missing.length > 0 ? `${missing.length} of ${reports.length} files missing` : dirname(path);
}

/** Whether a set is on this machine, as far as loading needs it. */
function isLoadable(set: NamedSet, reports: readonly FileReport[]): boolean {
  return reports.every(({ file, state }) => {
    if (state === 'damaged') return false;
    if (state !== 'missing') return true;
    return set.source === 'local' && set.files.some(({ name, optional }) => name === file && optional);
  });
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

async function listSets(streams: CommandStreams, options: LoadOptions & { json?: true }): Promise<void> {
  const rows = [['name', 'what', 'shape', 'train / validation / test', 'where']];
  for (const set of namedSets) {
    const reports = await inspect(set, options);
    const where = whereabouts(set, reports);
    const exampleShape = shapeOf(set);
    const counts = set.source === 'density' ? undefined : set.counts;
    if (options.json) {
      const isHere = isLoadable(set, reports);
      const { name, what } = set;
      streams.stdout.write(`${JSON.stringify({ name, what, exampleShape, counts, isHere, where })}\n`);
    }
    const uncounted = set.source === 'density' ? 'without end' : 'as its file says';
    const split = counts ? Object.values(counts).join(' / ') : uncounted;
    rows.push([set.name, set.what, `[${exampleShape.join(', ')}]`, split, where]);
  }
  if (!options.json) streams.stdout.write(table(rows));
}

async function fetchSets(
  streams: CommandStreams,
  names: readonly string[],
  options: LoadOptions & { json?: true },
): Promise<void> {
  for (const set of names.map(namedSet)) {
    await loadDataset(set.name, { ...options, onProgress: loadProgress(streams.stderr) });
    const where = whereabouts(set, await inspect(set, options));
    streams.stdout.write(
      options.json ? `${JSON.stringify({ name: set.name, where })}\n` : `${set.name}: ${where}\n`,
    );
  }
}

async function verifySets(
  streams: CommandStreams,
  names: readonly string[],
  options: LoadOptions & { json?: true },
): Promise<void> {
  const sets =
    names.length > 0 ? names.map(namedSet) : namedSets.filter(({ source }) => source !== 'density');
  const wrong: string[] = [];
  let advice = '';
  for (const set of sets)
    for (const report of await inspect(set, options)) {
      const { file, state, path, fault } = report;
      // Without names, what was never downloaded is no fault.
      if (state === 'damaged' || state === 'cut' || (state === 'missing' && names.length > 0)) {
        wrong.push(`${set.name}'s ${file}`);
        advice =
          set.source === 'local' ? set.advice : 'Run zerosum data fetch, which replaces what is in the cache';
      }
      const place = path ?? (state === 'missing' ? `${set.name}/${file}` : set.name);
      streams.stdout.write(
        options.json
          ? `${JSON.stringify(report)}\n`
          : `${state.padEnd(8)}  ${place}${fault ? `  ${fault}` : ''}\n`,
      );
    }
  if (wrong.length > 0) {
    throw new DataError(
      `data verify: every file must be intact, got ${wrong.length} that ${wrong.length === 1 ? 'is' : 'are'} not (${wrong.join(', ')}). ${advice}`,
    );
  }
}

const figures = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(', ');

/** How a folder was read and what came of its files, as people read it. */
function describeFolder({ reading, images, repeated, enlarged, others }: FolderReport): string[][] {
  const { size, fit, linear } = reading;
  const how = [
    `${size} x ${size}`,
    fit === 'crop' ? 'cropped to the middle' : 'padded with white',
    ...(linear ? ['resized in linear light'] : []),
  ];
  const files = [
    `${images} images`,
    ...(repeated > 0 ? [`${repeated} of them copies of others`] : []),
    ...(enlarged > 0 ? [`${enlarged} smaller than that and enlarged`] : []),
    ...(others > 0 ? [`${others} other files`] : []),
  ];
  return [
    ['read as', how.join(', ')],
    ['files', files.join(', ')],
  ];
}

/** A column of a table as people read it. */
function columnRow(column: Column): string[] {
  const { name, kind } = column;
  switch (column.kind) {
    case 'numeric': {
      const { mean, deviation, minimum, maximum, decimals } = column;
      const [low, high] = [minimum, maximum].map((value) => value.toFixed(decimals));
      return [
        name,
        kind,
        `${low} to ${high}, mean ${mean.toPrecision(4)}, deviation ${deviation.toPrecision(4)}`,
      ];
    }
    case 'categorical': {
      const shown = column.categories.slice(0, 8).map((category) => (category === '' ? '(empty)' : category));
      const more = column.categories.length - shown.length;
      return [name, kind, `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
    }
    case 'constant':
      return [name, kind, column.value === '' ? '(empty)' : column.value];
  }
}

/** The summary as people read it. */
function describe(summary: DataSummary, path: string, folder: FolderReport | undefined): string {
  const { name, kind, exampleShape, dtype, counts, mean, standardDeviation, classes, fingerprint } = summary;
  const { columns } = summary;
  const rows = [
    ['data', `${name}, ${kind}`],
    ['shape', `[${exampleShape.join(', ')}] ${dtype}`],
    [
      'count',
      counts ? `${counts.train} train, ${counts.validation} validation, ${counts.test} test` : 'without end',
    ],
    ...(columns
      ? []
      : [
          ['mean', `${figures(mean)}${kind === 'images' ? ' (pixels in 0 ... 1)' : ''}`],
          ['deviation', figures(standardDeviation)],
        ]),
    ...(folder ? describeFolder(folder) : []),
    ['fingerprint', fingerprint],
    ['picture', path],
  ];
  if (columns) return `${table(rows)}\n${table([['column', 'kind', 'values'], ...columns.map(columnRow)])}`;
  const skipped = folder?.skipped ?? [];
  const left = skipped.map(({ path, reason }) => [path, reason]);
  const missing = left.length === 0 ? '' : `\n${table([['left out', 'because'], ...left])}`;
  if (!classes) return table(rows) + missing;
  const most = Math.max(...classes.map(({ count }) => count));
  const histogram = classes.map(({ name, count }) => [
    name,
    `${count}`,
    '#'.repeat(Math.round((40 * count) / most)),
  ]);
  return `${table(rows)}\n${table([['class', 'train', ''], ...histogram])}${missing}`;
}

async function previewData(
  streams: CommandStreams,
  data: string,
  options: LoadOptions & { out?: string; json?: true },
): Promise<void> {
  const images = imagesOf(options);
  const columns = tableOf(options);
  const loading = {
    ...options,
    ...(images && { images }),
    ...(columns && { table: columns }),
    onProgress: loadProgress(streams.stderr),
  };
  const folder = isImageFolder(data) ? await loadImageFolder(data, loading) : undefined;
  for (const line of folder ? folderAdvice(folder.report) : []) streams.stderr.write(`${line}\n`);
  const dataset = folder?.dataset ?? (await loadDataset(data, loading));
  const summary = summarise(dataset);
  const path = resolve(options.out ?? `${dataset.name}.png`);
  try {
    await writeFile(path, encodePng(preview(dataset)));
  } catch (cause) {
    throw new DataError(
      `data preview: ${path} must be writable, got ${(cause as NodeJS.ErrnoException).code}`,
      { cause },
    );
  }
  streams.stdout.write(
    options.json
      ? `${JSON.stringify({ ...summary, ...(folder && { folder: folder.report }), picture: path })}\n`
      : describe(summary, path, folder?.report),
  );
}

const dataDirText = 'folder that already holds the files, as DIR/mnist/... (default: ZEROSUM_DATA)';
const jsonText = 'one JSON object per line';

/**
 * `zerosum data list | fetch | verify | preview`: what data there is and where, without training anything.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its actions throw ConfigError or DataError
 */
export function dataCommand(streams: CommandStreams = process): Command {
  const data = new Command('data').description('list, download, check and look at data sets').addHelpText(
    'after',
    `
Examples:
  zerosum data list                      what there is, and what is here
  zerosum data fetch mnist               download into the cache (ZEROSUM_CACHE, else the platform's)
  zerosum data fetch mnist --out data    download into ./data/mnist, for --data-dir data
  zerosum data verify mnist              compare each file with its SHA-256
  zerosum data preview mnist             shape, counts, mean, classes, and a sheet of 100 as mnist.png
  zerosum data preview my-faces.npy
  zerosum data preview ./photos --size 32`,
  );

  data
    .command('list')
    .description('the data sets that have a name, and where each is')
    .option('--data-dir <dir>', dataDirText)
    .option('--json', jsonText)
    .action((options) => listSets(streams, options));

  data
    .command('fetch')
    .description('download data sets, unless they are here; a download that was cut goes on where it ended')
    .argument('<names...>', 'data sets, as in zerosum data list')
    .option('--data-dir <dir>', dataDirText)
    .option('--out <dir>', 'download into DIR/<name> instead of the cache')
    .option('--json', jsonText)
    // An empty data folder is none: what is to be in --out is not to be found elsewhere.
    .action((names, { out, ...options }) =>
      fetchSets(streams, names, out ? { ...options, dataDir: '', cacheDir: out } : options),
    );

  data
    .command('verify')
    .description('compare the files of data sets with what was published; names what is cut or altered')
    .argument('[names...]', 'data sets; default: all')
    .option('--data-dir <dir>', dataDirText)
    .option('--json', jsonText)
    .action((names, options) => verifySets(streams, names, options));

  const previewCommand = data
    .command('preview')
    .description('summarise a data set and draw some of it: of a folder of images, what training will see')
    .argument('<data>', 'a data set, a folder of images, or the path of a .npy, IDX or CSV file')
    .option('--data-dir <dir>', dataDirText)
    .option('--out <file.png>', 'where the picture goes (default: <name>.png here)')
    .option('--json', jsonText)
    .action((name, options) => previewData(streams, name, options));
  addImageFlags(previewCommand);
  addTableFlags(previewCommand);

  return data as Command;
}
