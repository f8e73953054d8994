import type { JSX } from 'preact';
import type { RunDetail, RunSummary } from '../../src/server/api.ts';
import type { Finding } from '../../src/train/diagnosis.ts';
import { formatCount } from './number-format.ts';

const names: Readonly<Record<Finding['condition'], string>> = {
  discriminatorWins: 'Discriminator wins',
  collapse: 'Collapse',
  oscillation: 'Oscillation',
  plateau: 'Plateau',
  nonFinite: 'Not finite',
};

/** What goes wrong in a run, in words, with what to try; and what went wrong before. */
export function Diagnosis({
  run: { step, failure, state },
  detail: { findings, config },
}: {
  readonly run: RunSummary;
  readonly detail: RunDetail;
}): JSX.Element {
  const present = findings.filter(
    (finding, at) =>
      finding.state === 'begins' &&
      !findings.slice(at + 1).some(({ condition }) => condition === finding.condition),
  );
  return (
    <section class="diagnosis" aria-label="Diagnosis" data-testid="diagnosis">
      {failure && (
        <p class="verdict is-bad">
          <strong>It failed.</strong> {failure}
        </p>
      )}
      {present.map(({ condition, step: since, sentence, advice }) => (
        <div key={condition} class="verdict is-warning">
          <p>
            <strong>{names[condition]}</strong> <span class="quiet">since step {formatCount(since)}</span>
          </p>
          <p>{capitalised(sentence)}.</p>
          {advice && <p class="advice">{capitalised(advice)}.</p>}
        </div>
      ))}
      {present.length === 0 && !failure && (
        <p class={step > 0 ? 'verdict is-good' : 'verdict'}>
          {silence(step, state, config, findings.length > 0)}
        </p>
      )}
      {findings.length > 0 && (
        <details>
          <summary>
            {findings.length === 1 ? 'One finding' : `${findings.length} findings`} along the training
          </summary>
          <ol class="findings">
            {findings.map((finding) => (
              <li key={`${finding.step}${finding.condition}${finding.state}`}>
                <span class="quiet">step {formatCount(finding.step)}</span> {capitalised(finding.sentence)}.
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

/** What it means that no alarm rings. */
function silence(
  step: number,
  state: RunSummary['state'],
  { loss }: RunDetail['config'],
  hasRung: boolean,
): string {
  if (step === 0) return state === 'starting' ? 'It prepares.' : 'There are no steps to diagnose yet.';
  const { name } = loss as { readonly name?: string };
  const isCritic = name !== 'nonSaturating' && name !== 'minimax';
  const told = hasRung ? 'No alarm rings any more' : `No alarm has rung in ${formatCount(step)} steps`;
  return isCritic
    ? `${told}. The discriminator gives no probabilities here, so only the samples are watched: for collapse and standstill.`
    : `${told}. Watched for: a discriminator that wins, collapse, oscillation, standstill.`;
}

const capitalised = (sentence: string): string => {
  const ended = sentence.replace(/\.$/, '');
  return ended.charAt(0).toUpperCase() + ended.slice(1);
};
