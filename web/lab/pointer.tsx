import type { ComponentChildren, JSX } from 'preact';
import { useLab } from './lab-page.ts';

/** Words in a story that point at a part of the page: it is marked while they are hovered or focused, and shown when clicked. */
export function Pointer({
  to,
  children,
}: {
  readonly to: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { pointedAt } = useLab();
  const point = (): void => mark(to);
  return (
    <button
      type="button"
      class="pointer"
      onMouseEnter={point}
      onFocus={point}
      onMouseLeave={() => mark(undefined)}
      onBlur={() => mark(undefined)}
      onClick={() =>
        document.querySelector(`[data-part="${to}"]`)?.scrollIntoView({ block: 'center', behavior: 'smooth' })
      }
    >
      {children}
    </button>
  );

  function mark(part: string | undefined): void {
    pointedAt.value = part;
    for (const marked of document.querySelectorAll('.pointed')) marked.classList.remove('pointed');
    if (part) document.querySelector(`[data-part="${part}"]`)?.classList.add('pointed');
  }
}
