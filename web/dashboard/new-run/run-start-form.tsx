import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ForkRequest, RunDetail, RunForm, Started, StartRequest } from '../../../src/server/api.ts';
import { announce } from '../announcement.tsx';
import { ApiFailure, postJson, runPath } from '../api-client.ts';
import { formatCount } from '../number-format.ts';
import { go } from '../route.ts';
import { forkCommand, runArgument, trainCommand } from './command-line.ts';
import { configFields, fieldOf, fieldValue, type Schema } from './config-field.ts';
import { CopyableCommand } from './copyable-command.tsx';
import { LabelledField } from './field-row.tsx';
import { OtherSettings } from './other-settings.tsx';

/** Keys that have a field of their own, and those that would name a path. */
const ASKED = ['preset', 'data', 'seed', 'steps', 'dataDir', 'pretrained'] as const;

/** Keys that say how data of the user's own is read. */
const READING = ['images', 'table'] as const;

/** Which sentence stands at which field; '' at none. */
interface Wrong {
  readonly path: string;
  readonly sentence: string;
}

/** Data, preset and the usual settings; all others behind a disclosure; the command that does the same. */
export function RunStartForm({
  form,
  origin,
}: {
  readonly form: RunForm;
  /** The run whose checkpoint the new one begins with. */
  readonly origin: RunDetail | undefined;
}): JSX.Element {
  const data = useSignal(form.data[0]?.id ?? '');
  const named = useSignal<string | undefined>(undefined);
  const texts = useSignal<Readonly<Record<string, string>>>({});
  const changes = useSignal<Readonly<Record<string, string>>>({});
  const wrong = useSignal<Wrong | undefined>(undefined);
  const isBusy = useSignal(false);

  const chosen = form.data.find(({ id }) => id === data.value);
  const presetName = origin
    ? origin.summary.preset
    : (named.value ?? chosen?.preset ?? form.presets[0]!.name);
  const preset = form.presets.find(({ name }) => name === presetName);
  const base = origin?.config ?? preset?.config ?? {};
  const left = [
    ...ASKED,
    ...(origin ? [] : ['batch']),
    ...(chosen?.kind === 'given' && !origin ? [] : READING),
  ];
  const fields = useMemo(() => configFields(form.schema as Schema, base, left), [form, base, left.length]);

  const number = (name: string): number | undefined => {
    const text = texts.value[name] ?? '';
    return text === '' ? undefined : Number(text);
  };
  const request = withoutAbsent({
    set: Object.keys(changes.value).length === 0 ? undefined : valuesOf(changes.value),
    steps: number('steps'),
    seed: number('seed'),
    name: texts.value['name'] || undefined,
  });
  const start: StartRequest = {
    data: data.value,
    preset: presetName,
    ...request,
    ...withoutAbsent({ batch: number('batch') }),
  };
  const fork: ForkRequest = { ...request, ...withoutAbsent({ step: number('step') }) };

  const submit = async (): Promise<void> => {
    isBusy.value = true;
    wrong.value = undefined;
    try {
      const { id } = origin
        ? await postJson<Started>(runPath(origin.summary.id, '/fork'), fork)
        : await postJson<Started>('/api/runs', start);
      announce(`${id} has been started.`);
      go({ page: 'run', id });
    } catch (error) {
      const { message } = error as Error;
      const paths = [...ASKED, 'batch', 'name', 'step', ...fields.map(({ path }) => path)];
      const named = error instanceof ApiFailure ? error.field : undefined;
      wrong.value = { path: (named && fieldOf(named, paths)) ?? '', sentence: message };
      isBusy.value = false;
    }
  };
  const errorOf = (path: string): string | undefined =>
    wrong.value?.path === path ? wrong.value.sentence : undefined;
  const isPlaced = wrong.value !== undefined && wrong.value.path !== '';
  const plain = (name: string, rest: JSX.IntrinsicElements['input']): JSX.Element => (
    <input
      id={name}
      value={texts.value[name] ?? ''}
      aria-describedby={`${name}-error ${name}-help`}
      onInput={({ currentTarget }) => {
        texts.value = { ...texts.value, [name]: currentTarget.value };
      }}
      {...rest}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div class="common">
        {origin ? (
          <LabelledField
            id="step"
            label="Checkpoint"
            error={errorOf('step')}
            help={
              origin.checkpoints.length === 0
                ? 'There is none yet.'
                : 'The new run begins with its weights and optimiser state, and with the settings of this run but for those below.'
            }
          >
            <select
              id="step"
              value={texts.value['step'] ?? String(origin.checkpoints.at(-1))}
              onChange={({ currentTarget }) => {
                texts.value = { ...texts.value, step: currentTarget.value };
              }}
            >
              {origin.checkpoints.toReversed().map((step) => (
                <option key={step} value={step}>
                  step {formatCount(step)}
                </option>
              ))}
            </select>
          </LabelledField>
        ) : (
          <>
            <LabelledField id="data" label="Data" help={chosen?.what} error={errorOf('data')}>
              <select
                id="data"
                value={data.value}
                onChange={({ currentTarget }) => {
                  data.value = currentTarget.value;
                  named.value = undefined;
                }}
              >
                {(['named', 'given'] as const).map((kind) => {
                  const group = form.data.filter((one) => one.kind === kind);
                  if (group.length === 0) return null;
                  return (
                    <optgroup key={kind} label={kind === 'named' ? 'Known by name' : 'Given to the server'}>
                      {group.map(({ id, name }) => (
                        <option key={id} value={id}>
                          {name}
                        </option>
                      ))}
                    </optgroup>
                  );
                })}
              </select>
            </LabelledField>
            <LabelledField id="preset" label="Preset" help={preset?.description} error={errorOf('preset')}>
              <select
                id="preset"
                value={presetName}
                onChange={({ currentTarget }) => {
                  named.value = currentTarget.value;
                }}
              >
                {form.presets.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                    {name === chosen?.preset ? ' (suits the data)' : ''}
                  </option>
                ))}
              </select>
            </LabelledField>
          </>
        )}
        <LabelledField
          id="name"
          label="Name"
          help="Of its folder. Empty: the preset with a number."
          error={errorOf('name')}
        >
          {plain('name', {
            type: 'text',
            maxLength: form.limits.nameLength,
            spellcheck: false,
            autocomplete: 'off',
          })}
        </LabelledField>
        <LabelledField
          id="steps"
          label="Steps"
          error={errorOf('steps')}
          help="Where to stop, counted from the very first."
        >
          {plain('steps', { type: 'number', min: 1, max: form.limits.steps, placeholder: lengthOf(base) })}
        </LabelledField>
        {!origin && (
          <LabelledField id="batch" label="Batch" error={errorOf('batch')} help="Examples of a minibatch.">
            {plain('batch', { type: 'number', min: 1, placeholder: String(base['batch'] ?? '') })}
          </LabelledField>
        )}
        <LabelledField id="seed" label="Seed" error={errorOf('seed')} help="Of every random number.">
          {plain('seed', {
            type: 'number',
            min: 0,
            max: 2 ** 32 - 1,
            placeholder: String(base['seed'] ?? ''),
          })}
        </LabelledField>
      </div>
      <OtherSettings fields={fields} changes={changes} wrong={wrong.value} />
      {wrong.value && !isPlaced && (
        <p class="trouble is-bad" role="alert" data-testid="refused">
          {wrong.value.sentence}
        </p>
      )}
      <CopyableCommand
        command={
          origin
            ? forkCommand(runArgument(form.runs, origin.summary.id), fork, form.runs)
            : trainCommand(start, chosen?.argument ?? data.value, form.runs)
        }
      />
      <div class="buttons">
        <button
          type="submit"
          class="is-primary"
          disabled={isBusy.value || origin?.checkpoints.length === 0}
          data-testid="start"
        >
          {isBusy.value ? 'Starting' : 'Start'}
        </button>
      </div>
    </form>
  );
}

const lengthOf = ({ steps, epochs }: Readonly<Record<string, unknown>>): string =>
  steps !== undefined ? String(steps) : epochs !== undefined ? `${epochs} epochs` : '';

const valuesOf = (changes: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(changes).map(([path, text]) => [path, fieldValue(text)]));

/** What is not there where nothing was entered. */
function withoutAbsent<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
