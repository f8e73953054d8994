import { type Signal, signal } from '@preact/signals';
import type { JSX } from 'preact';

const text: Signal<string> = signal('');

/** Tells people who do not see the page that something has changed, in a sentence. */
export function announce(sentence: string): void {
  // The same sentence twice would be no change of the region.
  text.value = text.peek() === sentence ? `${sentence}\u00a0` : sentence;
}

/** What was announced last, for screen readers. */
export function Announcement(): JSX.Element {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {text.value}
    </div>
  );
}
