import type { RunForm } from '../../../src/server/api.ts';
import { getJson } from '../api-client.ts';
import { revision } from '../connection.ts';
import { useResource } from '../resource.ts';
import { runArgument } from './command-line.ts';

/** What the command line takes for a run; undefined until the server has said where its runs are. */
export function useRunArgument(id: string): string | undefined {
  const { value } = useResource('form', revision.value, () => getJson<RunForm>('/api/form'));
  return value && runArgument(value.runs, id);
}
