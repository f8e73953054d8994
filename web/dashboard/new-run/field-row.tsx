import type { ComponentChildren, JSX } from 'preact';
import { type ConfigField, fieldText } from './config-field.ts';

/** A label with its control, what it means, and what is wrong with it. */
export function LabelledField({
  id,
  label,
  help,
  error,
  children,
}: {
  readonly id: string;
  readonly label: ComponentChildren;
  readonly help?: ComponentChildren;
  readonly error?: string | undefined;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={error ? 'form-field is-wrong' : 'form-field'} data-field={id}>
      <label for={id}>{label}</label>
      {children}
      {error && (
        <p class="trouble is-bad" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {help && (
        <p class="help quiet" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** A setting of the config. Left empty, it is the preset's. */
export function ConfigFieldRow({
  field,
  text,
  error,
  onText,
}: {
  readonly field: ConfigField;
  /** What was typed; undefined: nothing, the preset's value holds. */
  readonly text: string | undefined;
  readonly error: string | undefined;
  readonly onText: (text: string | undefined) => void;
}): JSX.Element {
  const { path, description, preset } = field;
  const id = `set-${path}`;
  const label = (
    <>
      <code>{path}</code>
      {text !== undefined && (
        <button
          type="button"
          class="small is-plain"
          aria-label={`Take back ${path}`}
          onClick={(event) => {
            event.preventDefault();
            onText(undefined);
          }}
        >
          take back
        </button>
      )}
    </>
  );
  const presetText = fieldText(preset);
  const isChanged = text !== undefined && preset !== undefined;
  const help = isChanged ? `${description} Preset: ${shortened(presetText)}.` : description;
  return (
    <LabelledField id={id} label={label} help={help} error={error}>
      <Control field={field} id={id} text={text} onText={onText} />
    </LabelledField>
  );
}

const MOST_CHARACTERS = 120;
const shortened = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;

function Control({
  field: { kind, choices, minimum, maximum, preset },
  id,
  text,
  onText,
}: {
  readonly field: ConfigField;
  readonly id: string;
  readonly text: string | undefined;
  readonly onText: (text: string | undefined) => void;
}): JSX.Element {
  const common = { id, 'aria-describedby': `${id}-error ${id}-help` };
  const take = (next: string): void => onText(next === '' || next === fieldText(preset) ? undefined : next);
  const shown = text ?? fieldText(preset);
  if (kind === 'choice' || kind === 'switch') {
    const options = kind === 'switch' ? ['false', 'true'] : choices.map(String);
    return (
      <select {...common} value={shown} onChange={({ currentTarget }) => take(currentTarget.value)}>
        {preset === undefined && <option value="">–</option>}
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  if (kind === 'json' && fieldText(preset).includes('\n'))
    return (
      <textarea
        {...common}
        rows={Math.min(16, shown.split('\n').length + 1)}
        spellcheck={false}
        value={shown}
        onChange={({ currentTarget }) => take(currentTarget.value)}
      />
    );
  if (kind === 'integer' || kind === 'number')
    return (
      <input
        {...common}
        type="number"
        step={kind === 'integer' ? 1 : 'any'}
        min={minimum}
        max={maximum}
        value={shown}
        onChange={({ currentTarget }) => take(currentTarget.value)}
      />
    );
  return (
    <input
      {...common}
      type="text"
      spellcheck={false}
      value={shown}
      onChange={({ currentTarget }) => take(currentTarget.value)}
    />
  );
}
