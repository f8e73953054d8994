import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { LabNumbers } from '../../src/lab/lab-protocol.ts';
import { useLab } from './lab-page.ts';
import { type NumberRow, numberGroups } from './number-rows.ts';
import { Sparkline } from './sparkline.tsx';

/** A number as the panel writes it; a dash where it is not known. */
function written(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (Math.abs(value) >= 1000) return value.toFixed(0);
  // What comes near 0 without reaching it keeps its digits.
  const small = digits > 0 && value > 0 && value < 10 ** -digits;
  return small
    ? value.toExponential(1)
    : (Math.round(value * 10 ** digits) / 10 ** digits || 0).toFixed(digits);
}

/** Every number of the game with its curve and, on hover or focus, what it means. */
export function Numbers(): JSX.Element {
  const { session } = useLab();
  const measured = useComputed(() => {
    const numbers = session.legible.value?.numbers;
    if (!numbers) return '';
    const { step, method } = numbers;
    return Number.isFinite(step) ? `Measured at step ${step}: ${method}.` : `Not measured: ${method}.`;
  });
  return (
    <section class="numbers" aria-labelledby="numbers-title" data-part="numbers">
      <h2 id="numbers-title">Numbers</h2>
      {numberGroups.map(({ title, rows }) => (
        <div class="group" key={title}>
          <h3>{title}</h3>
          {rows.map((row) => (
            <Row key={row.name} row={row} />
          ))}
        </div>
      ))}
      <p class="method">{measured}</p>
    </section>
  );
}

/** One number. Its meaning shows while its name is hovered or focused, and goes with Escape. */
function Row({ row }: { readonly row: NumberRow }): JSX.Element | null {
  const { session } = useLab();
  const id = useId();
  const open = useSignal(false);
  const value = useComputed(() => session.legible.value?.numbers[row.name]);
  const text = useComputed(() => written(value.value as number | undefined, row.digits));
  const beside = useComputed(() => aside(row, session.legible.value?.numbers));
  // What has no meaning for these data is left out, once that is known.
  const absent = useComputed(() => session.legible.value !== undefined && value.value === undefined);
  if (absent.value) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside is what is focused; hovering is for the whole row
    <div
      class="row"
      data-part={row.testId}
      onMouseEnter={() => {
        open.value = true;
      }}
      onMouseLeave={() => {
        open.value = false;
      }}
    >
      <button
        type="button"
        class="name"
        aria-describedby={id}
        onFocus={() => {
          open.value = true;
        }}
        onBlur={() => {
          open.value = false;
        }}
        onClick={() => {
          open.value = true;
        }}
        onKeyDown={({ key }) => {
          if (key === 'Escape') open.value = false;
        }}
      >
        {row.label}
      </button>
      <span class="value">
        <output data-testid={row.testId} aria-label={row.label} aria-live="off">
          {text}
        </output>
        <span class="aside">{beside}</span>
      </span>
      <Sparkline row={row} />
      <span role="tooltip" id={id} class={open.value ? 'meaning open' : 'meaning'}>
        {row.meaning}
      </span>
    </div>
  );
}

/** What belongs to a number: its error, its bias, of how many. */
function aside({ name }: NumberRow, numbers: LabNumbers | undefined): string {
  if (!numbers) return '';
  const { jsdError, jsdBias, valueError, modesTotal } = numbers;
  if (name === 'modes' && modesTotal !== undefined) return `of ${modesTotal}`;
  if (name === 'value' && valueError) return `± ${written(valueError, 3)}`;
  if (name !== 'jsd') return '';
  const error = jsdError ? `± ${written(jsdError, 3)}` : '';
  return jsdBias && jsdBias > 1e-6 ? `${error} bias ${written(jsdBias, 3)}` : error;
}
