import type { ComponentChildren, JSX } from 'preact';

/** A wide table that scrolls by itself, also by keyboard. */
export function ScrollingTable({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scrolling" tabIndex={0} aria-label={name}>
      {children}
    </section>
  );
}
