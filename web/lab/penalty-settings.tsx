import type { JSX } from 'preact';
import { type LabPenalty, type LabPenaltyName, labPenalties } from '../../src/lab/lab-state.ts';
import { NumberField } from './field.tsx';
import { useLab } from './lab-page.ts';

const names: Readonly<Record<LabPenaltyName, string>> = {
  r1: 'R1',
  r2: 'R2',
  gradientPenalty: 'gradient penalty',
  zeroCentredGradientPenalty: 'zero-centred penalty',
  dragan: 'DRAGAN',
  instanceNoise: 'instance noise',
  weightClip: 'weight clip',
  spectralNorm: 'spectral norm',
  consensus: 'consensus',
};

const kindOf = (name: LabPenaltyName): (typeof labPenalties)[number] =>
  labPenalties.find((kind) => kind.name === name)!;

/** What keeps the discriminator calm: penalties, each with its weight. */
export function PenaltySettings(): JSX.Element {
  const { session } = useLab();
  const { penalties, order } = session.state.value;
  const set = (next: readonly LabPenalty[]): void => session.change({ penalties: next });
  const left = labPenalties.filter(
    ({ name }) =>
      !penalties.some((penalty) => penalty.name === name) &&
      (name !== 'consensus' || order === 'simultaneous'),
  );
  return (
    <div class="penalties" data-part="penalties">
      {penalties.map(({ name, weight }) => {
        const { minimum, maximum, meaning } = kindOf(name).weight;
        return (
          <div class="penalty" key={name} title={kindOf(name).summary}>
            {minimum === maximum ? (
              <span class="field">{names[name]}</span>
            ) : (
              <NumberField
                name={`${names[name]}, ${meaning}`}
                testId={`penalty-${name}`}
                value={weight}
                limits={[minimum, maximum]}
                change={(value) =>
                  set(penalties.map((penalty) => (penalty.name === name ? { name, weight: value } : penalty)))
                }
              />
            )}
            <button
              type="button"
              class="remove"
              data-testid={`remove-${name}`}
              aria-label={`Remove ${names[name]}`}
              onClick={() => set(penalties.filter((penalty) => penalty.name !== name))}
            >
              ×
            </button>
          </div>
        );
      })}
      <label class="field">
        <span>Penalty</span>
        <select
          data-testid="add-penalty"
          value=""
          onChange={({ currentTarget }) => {
            const kind = labPenalties.find(({ name }) => name === currentTarget.value);
            currentTarget.value = '';
            if (kind) set([...penalties, { name: kind.name, weight: kind.weight.default }]);
          }}
        >
          <option value="">add one …</option>
          {left.map(({ name, summary }) => (
            <option key={name} value={name} title={summary}>
              {names[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
