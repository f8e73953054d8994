import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** A number that can be typed. */
export interface NumberFieldProps {
  readonly name: string;
  readonly value: number;
  readonly limits: readonly [least: number, most: number];
  readonly whole?: boolean;
  readonly testId?: string;
  readonly part?: string;
  readonly change: (value: number) => void;
}

/** An input for a number: taken over when it is left or Enter is pressed, and only if it is within its limits. */
export function NumberField({
  name,
  value,
  limits: [least, most],
  whole = false,
  testId,
  part,
  change,
}: NumberFieldProps): JSX.Element {
  const wrong = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // What is being typed is not overwritten by a game that has just been opened.
    if (input.current && document.activeElement !== input.current) input.current.value = String(value);
  }, [value]);
  return (
    <label class="field" data-part={part}>
      <span>{name}</span>
      <input
        ref={input}
        type="number"
        data-testid={testId}
        min={least}
        max={most}
        step={whole ? 1 : 'any'}
        defaultValue={String(value)}
        aria-invalid={wrong.value}
        title={`from ${least} to ${most}`}
        onChange={({ currentTarget }) => {
          const typed = currentTarget.valueAsNumber;
          const fits = typed >= least && typed <= most && (!whole || Number.isInteger(typed));
          wrong.value = !fits;
          if (fits && typed !== value) change(typed);
        }}
        onBlur={({ currentTarget }) => {
          if (!wrong.value) currentTarget.value = String(value);
        }}
      />
    </label>
  );
}

/** A choice among names. */
export interface ChoiceProps<T extends string> {
  readonly name: string;
  readonly value: T;
  readonly choices: readonly T[];
  /** What each is called on the page; absent: by its own name. */
  readonly labels?: Readonly<Record<T, string>>;
  readonly testId?: string;
  readonly part?: string;
  readonly change: (value: T) => void;
}

/** A menu. */
export function Choice<T extends string>({
  name,
  value,
  choices,
  labels,
  testId,
  part,
  change,
}: ChoiceProps<T>): JSX.Element {
  return (
    <label class="field" data-part={part}>
      <span>{name}</span>
      <select
        data-testid={testId}
        value={value}
        onChange={({ currentTarget }) => {
          const chosen = choices.find((choice) => choice === currentTarget.value);
          if (chosen !== undefined) change(chosen);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {labels?.[choice] ?? choice}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A number chosen among usual ones; one that is none of them joins the list. */
export function RateChoice({
  name,
  value,
  usual,
  testId,
  change,
}: {
  readonly name: string;
  readonly value: number;
  readonly usual: readonly number[];
  readonly testId?: string;
  readonly change: (value: number) => void;
}): JSX.Element {
  const choices = [...new Set([...usual, value])].sort((a, b) => a - b).map(String);
  return (
    <Choice
      name={name}
      value={String(value)}
      choices={choices}
      {...(testId ? { testId } : {})}
      change={(chosen) => change(Number(chosen))}
    />
  );
}
