import type { JSX } from 'preact';
import { useLab } from './lab-page.ts';

/** What a screen reader is told: politely, at most every ten seconds while the game plays. */
export function LiveRegion(): JSX.Element {
  const { announcement } = useLab();
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
