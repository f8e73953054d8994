import type { JSX } from 'preact';
import { useLab } from './lab-page.ts';

/** What the visitor should know of the machine, and where the page's numbers come from. */
export function Notices(): JSX.Element {
  const { session } = useLab();
  const notices = session.legible.value?.notices ?? [];
  return (
    <footer class="foot">
      <p>
        Everything is computed in this page, by the engine of zerosum: the same seed gives the same curves as{' '}
        <code>zerosum train</code>. Nothing leaves your machine; after the first visit the page works without
        a network.
      </p>
      {notices.map((notice) => (
        <p class="notice" key={notice}>
          {notice}
        </p>
      ))}
    </footer>
  );
}
