import type { JSX } from 'preact';
import type { RunDetail, RunForm } from '../../../src/server/api.ts';
import { getJson, runPath } from '../api-client.ts';
import { revision } from '../connection.ts';
import { useResource } from '../resource.ts';
import { route } from '../route.ts';
import { RunStartForm } from './run-start-form.tsx';
import '../style/new-run.css';

/** What the form is made of, and the run that is forked, where one is. */
interface Ingredients {
  readonly form: RunForm;
  readonly origin: RunDetail | undefined;
}

/** A form for a new run, or for one that begins with a checkpoint of another. */
export function NewRun(): JSX.Element {
  const { from } = route.value.query;
  const { value, failure } = useResource(
    `new ${from ?? ''}`,
    revision.value,
    async (): Promise<Ingredients> => {
      const [form, origin] = await Promise.all([
        getJson<RunForm>('/api/form'),
        from === undefined ? undefined : getJson<RunDetail>(runPath(from)),
      ]);
      return { form, origin };
    },
  );
  return (
    <main class="new-run" tabIndex={-1}>
      <h1>{from === undefined ? 'New run' : `Fork ${from}`}</h1>
      {failure && <p class="trouble is-bad">{failure.message}</p>}
      {!value && !failure && <p class="empty">Loading the form</p>}
      {value && <RunStartForm key={from ?? ''} form={value.form} origin={value.origin} />}
    </main>
  );
}
