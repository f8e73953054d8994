import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { NearestExample, NearestRequest, SampleFormat } from '../../../src/server/api.ts';
import { postJson, runPath } from '../api-client.ts';
import { formatCount, formatFigure } from '../number-format.ts';
import { Picture } from './picture.tsx';
import { RowPicture } from './row-picture.tsx';

/** How long a sample has to stand still before the server is asked. */
const REST_MS = 250;

/** The training example that lies nearest to the sample: is it a copy? */
export function NearestTraining({
  id,
  sample,
  refusal,
  format,
}: {
  readonly id: string;
  readonly sample: Signal<Float32Array | undefined>;
  /** Why the server may not look into the data. */
  readonly refusal: string | undefined;
  readonly format: SampleFormat;
}): JSX.Element {
  const isWanted = useSignal(false);
  const found = useSignal<NearestExample | undefined>(undefined);
  const failure = useSignal<string | undefined>(undefined);
  const wanted = isWanted.value ? sample.value : undefined;
  useEffect(() => {
    if (!wanted) return;
    let isGone = false;
    const request: NearestRequest = { sample: [...wanted] };
    const timer = setTimeout(() => {
      postJson<NearestExample>(runPath(id, '/nearest'), request).then(
        (example) => {
          if (isGone) return;
          found.value = example;
          failure.value = undefined;
        },
        ({ message }: Error) => {
          if (!isGone) failure.value = message;
        },
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      isGone = true;
    };
  }, [wanted, id]);
  if (refusal) return <p class="quiet">{refusal}</p>;
  const example = found.value;
  return (
    <div class="nearest">
      <label class="field is-inline">
        <input
          type="checkbox"
          checked={isWanted.value}
          data-testid="nearest"
          onChange={({ currentTarget }) => {
            isWanted.value = currentTarget.checked;
          }}
        />
        <span>Nearest training example</span>
      </label>
      {failure.value && isWanted.value && <p class="trouble is-bad">{failure.value}</p>}
      {isWanted.value && !example && !failure.value && <p class="quiet">Looking through the training set</p>}
      {isWanted.value && example && (
        <div class="nearest-found" data-testid="nearest-found">
          {format.kind === 'images' && (
            <Picture
              sample={Float32Array.from(example.example)}
              shape={example.shape}
              name="The nearest training example"
            />
          )}
          {format.table && <RowPicture sample={Float32Array.from(example.example)} table={format.table} />}
          <p class="quiet">
            number {formatCount(example.index)} of the {formatCount(example.searched)} looked through
            {example.label !== undefined && `, class ${example.label}`}, at distance{' '}
            {formatFigure(example.distance, 3)}
          </p>
        </div>
      )}
    </div>
  );
}
