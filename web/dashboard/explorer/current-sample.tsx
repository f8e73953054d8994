import { batch, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { encodePng } from '../../../src/io/png.ts';
import type { RunDetail } from '../../../src/server/api.ts';
import { saveFile } from '../../page/save-file.ts';
import { announce } from '../announcement.tsx';
import type { ExplorerState } from './explorer-state.ts';
import type { LoadedGenerator } from './generator.ts';
import { sheetZ, type Z } from './latent-space.ts';
import { NearestTraining } from './nearest-training.tsx';
import { Picture } from './picture.tsx';
import { PointPicture } from './point-picture.tsx';
import { RowPicture } from './row-picture.tsx';
import { sampleImage } from './sample-image.ts';

/** Side that a saved sample has at least, in pixels. */
const SAVED_SIDE = 256;

/** What the sample in sight was made from. */
interface Made {
  readonly z: Z;
  readonly label: number;
  readonly version: number;
}

/** What the generator makes of the current z. */
export function CurrentSample({
  state,
  detail: { sampleFormat, summary, dataRefused },
  generator,
}: {
  readonly state: ExplorerState;
  readonly detail: RunDetail;
  readonly generator: LoadedGenerator;
}): JSX.Element {
  const sample = useSignal<Float32Array | undefined>(undefined);
  const made = useSignal<Made | undefined>(undefined);
  const failure = useSignal<string | undefined>(undefined);
  const drawn = useSignal(0);
  const { z, label } = state;
  useEffect(() => {
    const wanted = { z: z.value, label: label.value, version: generator.version };
    generator.queue.ask('sample', {
      ...wanted,
      onSamples: (samples) => {
        batch(() => {
          sample.value = samples;
          made.value = wanted;
        });
      },
      onFailure: ({ message }) => {
        failure.value = message;
      },
    });
  }, [z.value, label.value, generator.version]);
  const another = (): void => {
    drawn.value += 1;
    // Behind the sheet's, so that everyone who presses as often sees the same.
    state.goTo(sheetZ(state.space, summary.seed, 100 + drawn.value));
  };
  const save = (): void => {
    const scale = Math.max(1, Math.ceil(SAVED_SIDE / sampleFormat.shape[1]!));
    const image = sampleImage(sample.peek()!, sampleFormat.shape, 0, scale);
    saveFile(`${summary.id}-sample.png`, encodePng(image), 'image/png');
    announce('The sample was saved as PNG.');
  };
  const isImage = sampleFormat.kind === 'images';
  const isBusy =
    made.value?.z !== z.value || made.value.label !== label.value || made.value.version !== generator.version;
  return (
    <section class="current" aria-label="The sample" aria-busy={isBusy}>
      <h3>G(z)</h3>
      {sample.value && isImage && <Picture sample={sample.value} shape={sampleFormat.shape} />}
      {sample.value && sampleFormat.table && <RowPicture sample={sample.value} table={sampleFormat.table} />}
      {!isImage && !sampleFormat.table && (
        <PointPicture state={state} format={sampleFormat} generator={generator} sample={sample.value} />
      )}
      <div class="buttons">
        <button type="button" onClick={another} data-testid="another-z">
          Another z
        </button>
        <button type="button" onClick={() => state.keep()} data-testid="keep">
          Keep
        </button>
        {isImage && (
          <button type="button" onClick={save} disabled={!sample.value} data-testid="save-sample">
            Save PNG
          </button>
        )}
      </div>
      {failure.value && <p class="trouble is-bad">{failure.value}</p>}
      <NearestTraining id={summary.id} sample={sample} refusal={dataRefused} format={sampleFormat} />
    </section>
  );
}
