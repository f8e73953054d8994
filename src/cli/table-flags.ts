import { Option } from '@commander-js/extra-typings';
import type { TableReading } from '../data/table/infer-columns.ts';
import { listOfNames } from './list-argument.ts';

const flags: Readonly<Record<keyof TableReading, () => Option>> = {
  categorical: () =>
    new Option(
      '--categorical <a,b,...>',
      "a table's columns that hold categories, be they numbers (default: those with texts)",
    ).argParser(listOfNames),
  omit: () => new Option('--omit <a,b,...>', 'columns of a table to leave out').argParser(listOfNames),
};

/**
 * Adds the flags that say how the columns of a table are read, which `train`, `evaluate` and `data preview` share.
 *
 * @param command - whose action then finds them among its options: see `tableOf`
 */
export function addTableFlags(command: { addOption(option: Option): unknown }): void {
  for (const flag of Object.values(flags)) command.addOption(flag());
}

/** What those flags say, of the options of a command: undefined where none was given. */
export function tableOf(options: object): TableReading | undefined {
  const given = Object.entries(options).filter(([name, value]) => name in flags && value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
