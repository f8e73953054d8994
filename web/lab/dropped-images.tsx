import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Choice } from './field.tsx';
import { useLab } from './lab-page.ts';
import { readImages } from './read-images.ts';

/** A game of fewer images teaches nothing. */
const FEWEST = 16;

/** Where the visitor's own images come in: dropped, or chosen. They are decoded here and go to the worker only. */
export function DroppedImages(): JSX.Element {
  const page = useLab();
  const { session } = page;
  const edge = useSignal<'16' | '28' | '32' | '48'>('28');
  const colours = useSignal<'grey' | 'colour'>('grey');
  const message = useSignal('');
  const over = useSignal(false);

  async function take(list: FileList | null | undefined): Promise<void> {
    const files = [...(list ?? [])];
    if (files.length === 0) return;
    const format = { edge: Number(edge.value), colour: colours.value === 'colour' };
    const { images, unreadable } = await readImages(files, format, (done) => {
      message.value = `Reading ${done} of ${files.length} images …`;
    });
    const lost =
      unreadable.length > 0 ? ` ${unreadable.length} files are no images, such as ${unreadable[0]}.` : '';
    if (images.count < FEWEST) {
      message.value = `At least ${FEWEST} images are needed, got ${images.count}.${lost}`;
      page.announce(message.value);
      return;
    }
    message.value = `${images.count} images of ${edge.value} × ${edge.value}.${lost}`;
    page.announce(message.value);
    const { state } = session;
    // A minibatch cannot hold more than there are.
    const batch = Math.min(state.value.batch, images.count);
    session.open({ ...state.value, data: { kind: 'images' }, batch, step: 0 }, images);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way, beside the button for files
    <div
      class={`drop ${over.value ? 'over' : ''} ${session.wantsImages.value ? 'empty' : ''}`}
      data-testid="drop"
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        void take(event.dataTransfer?.files);
      }}
    >
      <p>
        Drop images here, or{' '}
        <label class="file">
          choose files
          <input
            type="file"
            accept="image/*"
            multiple
            data-testid="image-files"
            onChange={({ currentTarget }) => void take(currentTarget.files)}
          />
        </label>
        , {FEWEST} or more. They are read and learned in this tab; nothing leaves it.
      </p>
      <div class="pair">
        <Choice
          name="Edge"
          value={edge.value}
          choices={['16', '28', '32', '48']}
          change={(value) => {
            edge.value = value;
          }}
        />
        <Choice
          name="Colours"
          value={colours.value}
          choices={['grey', 'colour']}
          change={(value) => {
            colours.value = value;
          }}
        />
      </div>
      <p role="status">{message}</p>
    </div>
  );
}
